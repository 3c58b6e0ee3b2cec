import type { FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import { print } from 'graphql';
import { compilePlan } from '../execute/compile-plan.ts';
import { type CompiledSubscription, compileSubscription } from '../execute/compile-subscription.ts';
import type { Step } from '../execute/execution.ts';
import type { Plan, PlanNode } from '../plan/plan.ts';
import { restoreInFetch, restoreMembers } from '../plan/restore-members.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { fillEmpty } from './fill-empty.ts';
import { perOutcome } from './per-outcome.ts';
import { documentOf, planOperation } from './plan-operation.ts';
import type { Operation } from './resolve-conditions.ts';

/**
 * Plans and compiles what subgraphs have to do with an operation that is answered at once.
 * @throws RequestError GRAPHQL_VALIDATION_FAILED for what cannot be served
 */
export async function planSteps(
  { schema, planner, overrides, types, members }: Supergraph,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): Promise<Step> {
  const draw = await perOutcome(overrides, async (outcome): Promise<Step> => {
    const plan = await planOperation(
      async (document, name) => answeredAtOnce(await planner.plan(document, name, outcome)),
      schema,
      { definition: operation, fragments },
    );
    return compilePlan(
      plan && restoreMembers(plan, { operation, fragments, types, members }),
      types,
    );
  });
  if (overrides.outcomes.length === 1) return draw();
  return async (execution) => {
    const step = await draw();
    await step(execution);
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
    return compileSubscription(
      {
        ...plan,
        primary: restoreInFetch(plan.primary, source),
        rest: plan.rest && restoreMembers(plan.rest, source),
      },
      types,
    );
  });
}

function answeredAtOnce(plan: Plan | null): PlanNode | null {
  if (plan?.kind === 'defer' || plan?.kind === 'subscription') {
    throw new TypeError('an operation that is answered at once has a plan of several answers');
  }
  return plan;
}
