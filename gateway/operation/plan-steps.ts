import type { FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import { print } from 'graphql';
import { compilePlan } from '../execute/compile-plan.ts';
import { type CompiledSubscription, compileSubscription } from '../execute/compile-subscription.ts';
import type { Step } from '../execute/execution.ts';
import type { Plan, PlanNode } from '../plan/plan.ts';
import { restoreMembers } from '../plan/restore-members.ts';
import { subgraphsOf } from '../plan/subgraphs-of.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { fillEmpty } from './fill-empty.ts';
import { perOutcome } from './per-outcome.ts';
import { documentOf, planOperation } from './plan-operation.ts';
import type { Operation } from './resolve-conditions.ts';

/** What subgraphs have to do with an operation that is answered at once. */
export interface PlannedSteps {
  readonly fetch: Step;
  /** The subgraphs that are called at most; where overrides are drawn, those of one draw. */
  readonly subgraphs: () => Promise<readonly string[]>;
}

/**
 * Plans and compiles what subgraphs have to do with an operation that is answered at once.
 * @throws RequestError GRAPHQL_VALIDATION_FAILED for what cannot be served
 */
export async function planSteps(
  { schema, planner, overrides, types, members }: Supergraph,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): Promise<PlannedSteps> {
  const draw = await perOutcome(overrides, async (outcome) => {
    const plan = await planOperation(
      async (document, name) => answeredAtOnce(await planner.plan(document, name, outcome)),
      schema,
      { definition: operation, fragments },
    );
    const restored = plan && restoreMembers(plan, { operation, fragments, types, members });
    return { step: compilePlan(restored, types), subgraphs: subgraphsOf(restored) };
  });
  const subgraphs = async (): Promise<readonly string[]> => (await draw()).subgraphs;
  if (overrides.outcomes.length === 1) return { fetch: (await draw()).step, subgraphs };
  return {
    fetch: async (execution) => {
      const { step } = await draw();
      await step(execution);
    },
    subgraphs,
  };
}

/** Plans and compiles a subscription: what opens its stream, and what completes each of its events. */
export function planSubscription(
  { schema, planner, overrides, types, members }: Supergraph,
  operation: Operation,
): Promise<() => CompiledSubscription | Promise<CompiledSubscription>> {
  const { definition, fragments } = operation;
  const filled = fillEmpty(schema, operation);
  const document = print(documentOf(filled.definition, filled.fragments));
  return perOutcome(overrides, async (outcome) => {
    const plan = await planner.plan(document, definition.name?.value, outcome);
    if (plan?.kind !== 'subscription')
      throw new TypeError('a subscription has no plan of its kind');
    const source = { operation: definition, fragments, types, members };
    return compileSubscription(restoreMembers(plan, source), types);
  });
}

function answeredAtOnce(plan: Plan | null): PlanNode | null {
  if (plan?.kind === 'defer' || plan?.kind === 'subscription') {
    throw new TypeError('an operation that is answered at once has a plan of several answers');
  }
  return plan;
}
