import type { FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import { compilePlan } from '../execute/compile-plan.ts';
import type { Step } from '../execute/execution.ts';
import type { OverrideOutcome } from '../plan/overrides.ts';
import type { Plan, PlanNode } from '../plan/plan.ts';
import { restoreMembers } from '../plan/restore-members.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { planOperation } from './plan-operation.ts';
import { RequestError } from './request-error.ts';

/**
 * Plans and compiles what subgraphs have to do with an operation.
 *
 * Where `@override`s are in force by percentage, each run draws which ones, and the operation is planned
 * once for each outcome that was drawn.
 * @throws RequestError GRAPHQL_VALIDATION_FAILED for what cannot be served
 */
export async function planSteps(
  { planner, overrides, types, members }: Supergraph,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): Promise<Step> {
  const stepFor = async (outcome: OverrideOutcome): Promise<Step> => {
    const plan = await planOperation(
      async (document, name) => answeredAtOnce(await planner.plan(document, name, outcome)),
      operation,
      fragments,
    );
    return compilePlan(
      plan && restoreMembers(plan, { operation, fragments, types, members }),
      types,
    );
  };
  const drawn = overrides.draw();
  const first = await stepFor(drawn);
  if (overrides.outcomes.length === 1) return first;

  const steps = new Map<OverrideOutcome, Step | Promise<Step>>([[drawn, first]]);
  const prepare = (outcome: OverrideOutcome): Promise<Step> => {
    const pending = stepFor(outcome);
    steps.set(outcome, pending);
    pending.then(
      (step) => steps.set(outcome, step),
      () => steps.delete(outcome),
    );
    return pending;
  };
  return async (execution) => {
    const outcome = overrides.draw();
    const step = await (steps.get(outcome) ?? prepare(outcome));
    await step(execution);
  };
}

/** @throws RequestError for what needs a transport of its own, or what the executor cannot do */
function answeredAtOnce(plan: Plan | null): PlanNode | null {
  if (plan === null) return plan;
  if (!isAnsweredAtOnce(plan)) {
    throw refusal('Neither @defer nor subscriptions are served over this transport');
  }
  return plan;
}

function refusal(message: string): RequestError {
  return new RequestError('GRAPHQL_VALIDATION_FAILED', message);
}

function isAnsweredAtOnce(plan: Plan): plan is PlanNode {
  switch (plan.kind) {
    case 'defer':
    case 'subscription':
      return false;
    case 'condition':
      return [plan.whenTrue, plan.whenFalse].every(
        (each) => each === null || isAnsweredAtOnce(each),
      );
    default:
      return true;
  }
}
