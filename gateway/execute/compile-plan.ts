import { fetchesOf } from '../plan/fetches-of.ts';
import type { Fetch, Plan, PlanNode } from '../plan/plan.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import type { Compilation } from './compilation.ts';
import { compileContextFetch } from './context-fetch.ts';
import type { Step } from './execution.ts';
import { compileFetch } from './fetch.ts';
import { withNeededTypenames } from './typenames.ts';

const nothing: Step = async () => {};

/** Compiles a plan for one whole answer into steps, once for each operation. */
export function compilePlan(plan: PlanNode | null, types: SupergraphTypes): Step {
  if (plan === null) return nothing;
  const { complete, compilation } = prepareCompilation(plan, types);
  return compileNode(complete, compilation);
}

/** A plan with its documents as they are sent, and what the compilation of all its parts has in common. */
export function prepareCompilation<P extends Plan>(
  plan: P,
  types: SupergraphTypes,
): { readonly complete: P; readonly compilation: Compilation } {
  const sharing = fetchesOf(plan).some(tellsPlacesApart) ? 'never' : 'within a path';
  const { complete, root } = withNeededTypenames(plan, types);
  return { complete, compilation: { types, sharing, root } };
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
    case 'sequence':
      return inSequence(node.nodes.map((child) => compileNode(child, compilation)));
    case 'parallel':
      return allAtOnce(node.nodes.map((child) => compileNode(child, compilation)));
  }
}

// Functions of their own: what is made where `compilation` is at hand would keep it.
function inSequence(steps: readonly Step[]): Step {
  return async (execution) => {
    for (const step of steps) await step(execution);
  };
}

function allAtOnce(steps: readonly Step[]): Step {
  return async (execution) => {
    await Promise.all(steps.map((step) => step(execution)));
  };
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
