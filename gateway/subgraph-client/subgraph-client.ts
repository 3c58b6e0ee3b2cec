import type { Departure } from '../departure.ts';
import type { HookLists, Hooks, RequestContext, SubgraphFetch } from '../hooks.ts';
import { abandoned, SubgraphFailure } from './failure.ts';
import type { HeaderWriter } from './headers.ts';
import { readResult, type SubgraphResult } from './read-result.ts';
import { InFlightCalls } from './share-in-flight.ts';
import { createSubscriptions, type SubscribableConnection } from './subscriptions/subscribe.ts';
import { SubscriptionHub } from './subscriptions/subscription-hub.ts';
import type { SubgraphTransport } from './transport.ts';

export type { SubgraphResult } from './read-result.ts';

export interface SubgraphCall {
  readonly subgraph: string;
  readonly operation: SubgraphFetch['kind'];
  readonly document: string;
  /** The whole request body, as JSON text. */
  readonly body: string;
}

/** One subgraph, and how it is called. */
export interface SubgraphConnection extends SubscribableConnection {
  readonly transport: SubgraphTransport;
  readonly writeHeaders: HeaderWriter;
  /** Whether identical queries of one caller that are under way at the same time are one call. */
  readonly shareInFlight: boolean;
  /** Whether the gateway answers it itself. */
  readonly isInside?: boolean;
  /** Whether a query may be sent twice; all may where this is left out. */
  readonly isRepeatable?: (document: string) => boolean;
}

export interface SubgraphClient {
  /**
   * The result is the caller's own, to be changed at will. When `departure` comes, what can be repeated is given up,
   * unless somebody else waits for it too.
   * @throws SubgraphFailure, or what a preFetch hook refused with
   */
  call(call: SubgraphCall, context: RequestContext, departure?: Departure): Promise<SubgraphResult>;
  /**
   * Subscribes. Resolves when the stream is open. Each result is the caller's own, to be changed at will.
   * The iteration ends when the subgraph completes, throws SubgraphFailure when the stream breaks, and `return()`
   * (or the signal) leaves it. What a subgraph refused with is a stream of that one result.
   * @throws SubgraphFailure, what a preFetch hook refused with, or the signal's reason
   */
  subscribe(
    call: SubgraphCall,
    context: RequestContext,
    signal: AbortSignal,
  ): Promise<AsyncIterableIterator<SubgraphResult>>;
  /** Subscriptions that were made here go on: they can outlast a supergraph, and it is the hub that ends them. */
  close(): Promise<void>;
}

/**
 * Calls subgraphs by name, with the hooks before and after each call. Clients that follow one another share what
 * is in flight, so that a change that goes through one of them is seen by the other, and the streams that are
 * open, so that a subscription can go from one to the other.
 */
export function createSubgraphClient(
  connections: ReadonlyMap<string, SubgraphConnection>,
  hooks: HookLists,
  inFlight: InFlightCalls = new InFlightCalls(),
  hub: SubscriptionHub = new SubscriptionHub(),
): SubgraphClient {
  const subscriptions = createSubscriptions(connections, hooks, hub);
  const exchange = async (
    { transport }: SubgraphConnection,
    { subgraph, headers, repeatable }: SubgraphFetch,
    body: string,
    context: RequestContext,
    departure?: Departure,
  ): Promise<SubgraphResult> =>
    readResult(subgraph, await transport.send({ headers, body, repeatable, departure, context }));

  /** Something may change: what the caller asks afterwards is to see it. */
  const change = async (
    { transport }: SubgraphConnection,
    fetch: SubgraphFetch,
    body: string,
    context: RequestContext,
  ): Promise<SubgraphResult> => {
    const { headers, repeatable } = fetch;
    try {
      const response = await transport.send({ headers, body, repeatable, context });
      const outcome = { sequence: response.sequence ?? null };
      for (const hook of hooks.onMutation ?? []) await hook(fetch, outcome, context);
      return readResult(fetch.subgraph, response);
    } finally {
      inFlight.forget(context.caller);
    }
  };

  const send = (
    connection: SubgraphConnection,
    fetch: SubgraphFetch,
    body: string,
    context: RequestContext,
    departure: Departure | undefined,
  ): Promise<SubgraphResult> => {
    const observer = hooks.onFetch === null ? null : observe(hooks.onFetch, fetch, context);
    if (fetch.repeatable && connection.shareInFlight) {
      const call = { caller: context.caller, connection, headers: fetch.headers, body };
      const joined = inFlight.join(call, departure);
      const result =
        joined ??
        inFlight.lead(
          call,
          (leaving) => exchange(connection, fetch, body, context, leaving),
          departure,
        );
      return observer === null ? result : observer(result, joined !== null);
    }
    const result = fetch.repeatable
      ? exchange(connection, fetch, body, context, departure)
      : change(connection, fetch, body, context);
    return observer === null ? result : observer(result, false);
  };

  return {
    async call({ subgraph, operation, document, body }, context, departure) {
      if (departure?.hasLeft) throw abandoned(subgraph);
      const connection = connections.get(subgraph);
      if (connection === undefined) {
        throw new SubgraphFailure('unreachable', `No subgraph "${subgraph}" is known`);
      }
      const fetch: SubgraphFetch = {
        subgraph,
        kind: operation,
        query: document,
        headers: connection.writeHeaders(context.request),
        repeatable: operation === 'query' && (connection.isRepeatable?.(document) ?? true),
        isInside: connection.isInside ?? false,
      };
      for (const hook of hooks.preFetch ?? []) {
        const pending = hook(fetch, context);
        if (pending !== undefined) await pending;
      }
      // To return it unawaited takes a promise more.
      return await send(connection, fetch, body, context, departure);
    },
    subscribe: subscriptions.subscribe,
    async close() {
      await Promise.all(Array.from(connections.values(), ({ transport }) => transport.close()));
    },
  };
}

/** Tells the hooks how a call ended, and how long it took from here. */
function observe(
  onFetch: readonly Hooks['onFetch'][],
  fetch: SubgraphFetch,
  context: RequestContext,
): (result: Promise<SubgraphResult>, shared: boolean) => Promise<SubgraphResult> {
  const started = performance.now();
  return async (pending, shared) => {
    const tell = (status: number | null, error: Error | null): void => {
      const durationMs = performance.now() - started;
      for (const hook of onFetch) hook(fetch, { status, durationMs, error, shared }, context);
    };
    let result: SubgraphResult;
    try {
      result = await pending;
    } catch (error) {
      const status = error instanceof SubgraphFailure ? error.status : null;
      tell(status, error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
    tell(result.status, null);
    return result;
  };
}
