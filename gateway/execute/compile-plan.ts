import type { PlanNode } from '../plan/plan.ts';
import type { TypeConditions } from '../supergraph/type-conditions.ts';
import type { Step } from './execution.ts';
import { compileFetch } from './fetch.ts';

const nothing: Step = async () => {};

/** Compiles a plan into steps, once for each operation. */
export function compilePlan(node: PlanNode | null, typeConditions: TypeConditions): Step {
  if (node === null) return nothing;
  switch (node.kind) {
    case 'fetch':
      return compileFetch(node, typeConditions);
    case 'sequence': {
      const steps = node.nodes.map((child) => compilePlan(child, typeConditions));
      return async (execution) => {
        for (const step of steps) await step(execution);
      };
    }
    case 'parallel': {
      const steps = node.nodes.map((child) => compilePlan(child, typeConditions));
      return async (execution) => {
        await Promise.all(steps.map((step) => step(execution)));
      };
    }
    case 'condition': {
      const { variable } = node;
      const whenTrue = compilePlan(node.whenTrue, typeConditions);
      const whenFalse = compilePlan(node.whenFalse, typeConditions);
      return (execution) =>
        execution.coercedVariables[variable] === true ? whenTrue(execution) : whenFalse(execution);
    }
  }
}
