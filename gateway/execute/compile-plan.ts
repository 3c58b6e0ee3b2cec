import { toClientName } from '../operation/private-names.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import type { Step } from './execution.ts';
import { compileFetch } from './fetch.ts';

const nothing: Step = async () => {};

/** Compiles a plan into steps, once for each operation. */
export function compilePlan(node: PlanNode | null, types: SupergraphTypes): Step {
  if (node === null) return nothing;
  switch (node.kind) {
    case 'fetch':
      return compileFetch(node, types);
    case 'sequence': {
      const steps = node.nodes.map((child) => compilePlan(child, types));
      return async (execution) => {
        for (const step of steps) await step(execution);
      };
    }
    case 'parallel': {
      const steps = node.nodes.map((child) => compilePlan(child, types));
      return async (execution) => {
        await Promise.all(steps.map((step) => step(execution)));
      };
    }
    case 'condition': {
      const variable = toClientName(node.variable);
      const whenTrue = compilePlan(node.whenTrue, types);
      const whenFalse = compilePlan(node.whenFalse, types);
      return (execution) =>
        execution.coercedVariables[variable] === true ? whenTrue(execution) : whenFalse(execution);
    }
  }
}
