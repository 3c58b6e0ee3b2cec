import { CodedError } from '#contract/errors.ts';
import type { Fetch } from '../plan/plan.ts';
import { answerErrorOf } from './answer-errors.ts';
import type { Compilation } from './compilation.ts';
import { compileContextGroups } from './context-groups.ts';
import { deliveredFields } from './delivered-fields.ts';
import type { Step } from './execution.ts';
import { type Call, compileCall } from './fetch.ts';
import { repeatEntities } from './repeat-entities.ts';

/** Sets of values that one call asks about; more of them are spread over several calls. */
const MAX_GROUPS = 32;

const valueNeverCame = new CodedError(
  'INTERNAL_SERVER_ERROR',
  'The value of a context was not fetched',
);

/**
 * Compiles a fetch of entities whose fields have arguments from a context (`@fromContext`). Entities with the same
 * values are asked for by one `_entities` field with variables of its own, and a call has several of those fields, as
 * Apollo's router does it.
 *
 * Nothing in the answer may be shared: one entity has other values in another place.
 */
export function compileContextFetch(fetch: Fetch, compilation: Compilation): Step {
  const { types } = compilation;
  const [batch, ...others] = fetch.batches;
  if (batch === undefined || others.length > 0) {
    throw new TypeError('A fetch with a context asks for one batch of entities');
  }
  const gather = compileContextGroups(batch, compilation, MAX_GROUPS);
  const own = new Set([batch.variable, ...batch.contextArguments.map((each) => each.variable)]);
  const calls: Call[] = [];
  const callFor = (groups: number): Call => {
    calls[groups] ??= compileCall(fetch, repeatEntities(fetch.document, own, groups), types);
    return calls[groups];
  };
  return async (execution) => {
    const { groups, incomplete, lacksValue } = gather(execution);
    if (execution.errors.hasFailures) {
      if (incomplete) execution.errors.addDependentFailure(deliveredFields(fetch));
    } else if (lacksValue) {
      // Apollo's planner can forget one where several contexts meet.
      execution.errors.addFailure(deliveredFields(fetch), answerErrorOf(valueNeverCame));
    }
    const asked: Promise<void>[] = [];
    for (let from = 0; from < groups.length; from += MAX_GROUPS) {
      const some = groups.slice(from, from + MAX_GROUPS);
      if (some.every((group) => group.texts.length === 0)) continue;
      asked.push(callFor(some.length)(execution, some));
    }
    await Promise.all(asked);
  };
}
