import type { Subscription } from '../plan/plan.ts';
import { subgraphsOf } from '../plan/subgraphs-of.ts';
import type { SubgraphCall, SubgraphResult } from '../subgraph-client/subgraph-client.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import { compileNode, prepareCompilation } from './compile-plan.ts';
import type { Execution, Step } from './execution.ts';
import { compileRootCall, reportErrors } from './fetch.ts';
import { merge } from './merge.ts';
import { applyRewrites } from './rewrite.ts';

/** A subscription's plan, compiled once for all who subscribe. */
export interface CompiledSubscription {
  /** What opens the stream, for these variables of the client. */
  callFor(variables: Readonly<Record<string, unknown>>): SubgraphCall;
  /** Puts an event into an answer, which is empty before. */
  receive(event: SubgraphResult, execution: Execution): void;
  /** Fetches what the event lacks. */
  readonly complete: Step;
  /** The subgraphs that are called at most. */
  readonly subgraphs: readonly string[];
}

export function compileSubscription(
  plan: Subscription,
  types: SupergraphTypes,
): CompiledSubscription {
  const { complete, compilation } = prepareCompilation(plan, types);
  const { primary, rest } = complete;
  return {
    subgraphs: subgraphsOf(plan),
    callFor: compileRootCall(primary),
    receive(event, execution) {
      reportErrors(primary, [], event, execution);
      if (event.data === null) return;
      applyRewrites(event.data, primary.outputRewrites, types);
      merge(execution.data, event.data, types.isAbstract);
    },
    complete: compileNode(rest, compilation),
  };
}
