import type { Fetch, PlanNode } from '../plan/plan.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import type { Sharing } from './batch.ts';
import { compileContextFetch } from './context-fetch.ts';
import type { Step } from './execution.ts';
import { compileFetch } from './fetch.ts';

const nothing: Step = async () => {};

/** Compiles a plan into steps, once for each operation. */
export function compilePlan(plan: PlanNode | null, types: SupergraphTypes): Step {
  if (plan === null) return nothing;
  return compileNode(plan, types, tellsPlacesApart(plan) ? 'never' : 'within a path');
}

function compileNode(node: PlanNode, types: SupergraphTypes, sharing: Sharing): Step {
  switch (node.kind) {
    case 'fetch':
      return telling(
        node.id,
        hasContext(node) ? compileContextFetch(node, types) : compileFetch(node, types, sharing),
      );
    case 'sequence': {
      const steps = node.nodes.map((child) => compileNode(child, types, sharing));
      return async (execution) => {
        for (const step of steps) await step(execution);
      };
    }
    case 'parallel': {
      const steps = node.nodes.map((child) => compileNode(child, types, sharing));
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

/** Whether any path of a plan leads through some types of objects and not through others, or entities take values from above them. */
function tellsPlacesApart(node: PlanNode): boolean {
  switch (node.kind) {
    case 'fetch':
      return (
        hasContext(node) ||
        node.batches.some(({ paths }) =>
          paths.some((path) => path.some(({ kind }) => kind === 'types')),
        )
      );
    case 'sequence':
    case 'parallel':
      return node.nodes.some(tellsPlacesApart);
  }
}
