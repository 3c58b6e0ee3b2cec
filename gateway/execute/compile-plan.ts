import { fetchesOf } from '../plan/fetches-of.ts';
import type { Fetch, Plan, PlanNode } from '../plan/plan.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import type { Compilation } from './compilation.ts';
import { compileContextFetch } from './context-fetch.ts';
import type { Step } from './execution.ts';
import { compileFetch } from './fetch.ts';
import { findPlaceTypes } from './place-types.ts';

const nothing: Step = async () => {};

/** Compiles a plan for one whole answer into steps, once for each operation. */
export function compilePlan(plan: PlanNode | null, types: SupergraphTypes): Step {
  return compileNode(plan, compilationOf(plan, types));
}

/** What the compilation of all parts of a plan has in common. */
export function compilationOf(plan: Plan | null, types: SupergraphTypes): Compilation {
  const sharing = fetchesOf(plan).some(tellsPlacesApart) ? 'never' : 'within a path';
  return { types, sharing, places: findPlaceTypes(plan, types) };
}

/** Compiles what a plan has fetched for one answer, or for one part of it. */
export function compileNode(node: PlanNode | null, compilation: Compilation): Step {
  switch (node?.kind) {
    case undefined:
      return nothing;
    case 'fetch':
      return telling(
        node.id,
        hasContext(node) ? compileContextFetch(node, compilation) : compileFetch(node, compilation),
      );
    case 'sequence': {
      const steps = node.nodes.map((child) => compileNode(child, compilation));
      return async (execution) => {
        for (const step of steps) await step(execution);
      };
    }
    case 'parallel': {
      const steps = node.nodes.map((child) => compileNode(child, compilation));
      return async (execution) => {
        await Promise.all(steps.map((step) => step(execution)));
      };
    }
  }
}

/** Says when a fetch is over that a deferred part waits for. */
function telling(id: string | null, step: Step): Step {
  if (id === null) return step;
  return async (execution) => {
    await step(execution);
    execution.onFetched?.(id);
  };
}

function hasContext(fetch: Fetch): boolean {
  return fetch.batches.some(({ contextArguments }) => contextArguments.length > 0);
}

/** Whether a path leads through some types of objects and not through others, or entities take values from above them. */
function tellsPlacesApart(fetch: Fetch): boolean {
  return (
    hasContext(fetch) ||
    fetch.batches.some(({ paths }) =>
      paths.some((path) => path.some(({ kind }) => kind === 'types')),
    )
  );
}
