import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { HookLists, RequestContext, SubgraphFetch } from '../../hooks.ts';
import { SubgraphFailure } from '../failure.ts';
import type { HeaderWriter } from '../headers.ts';
import type { SubgraphResult } from '../read-result.ts';
import type { Subscriber } from './subscriber.ts';
import type { SubscriptionHub } from './subscription-hub.ts';
import type { SubscriptionsOptions } from './subscription-options.ts';
import type { SubscriptionTransport } from './subscription-transport.ts';

export interface SubscriptionCall {
  readonly subgraph: string;
  readonly document: string;
  /** The whole request body, as JSON text. */
  readonly body: string;
}

/** One subgraph, and how it is subscribed to. */
export interface SubscribableConnection {
  readonly writeHeaders: HeaderWriter;
  readonly shareInFlight: boolean;
  readonly subscriptions: {
    readonly transport: SubscriptionTransport;
    readonly options: SubscriptionsOptions;
  };
}

/** The subscriptions of one client. */
export interface Subscriptions {
  subscribe(
    call: SubscriptionCall,
    context: RequestContext,
    signal: AbortSignal,
  ): Promise<AsyncIterableIterator<SubgraphResult>>;
}

/** Subscribes to subgraphs by name, with the hooks before a stream is opened and after it is. */
export function createSubscriptions(
  connections: ReadonlyMap<string, SubscribableConnection>,
  hooks: HookLists,
  hub: SubscriptionHub,
): Subscriptions {
  const prepare = async (
    connection: SubscribableConnection,
    { subgraph, document }: SubscriptionCall,
    context: RequestContext,
  ): Promise<SubgraphFetch> => {
    const fetch: SubgraphFetch = {
      subgraph,
      kind: 'subscription',
      query: document,
      headers: connection.writeHeaders(context.request),
      repeatable: false,
    };
    for (const hook of hooks.preFetch ?? []) await hook(fetch, context);
    // What cannot be sent is a hook's mistake, and no fault of the subgraph's.
    for (const [name, value] of Object.entries(fetch.headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    return fetch;
  };

  const start = (
    connection: SubscribableConnection,
    { subgraph, headers }: SubgraphFetch,
    body: string,
    { caller }: RequestContext,
  ) => {
    const { transport, options } = connection.subscriptions;
    const isShared = connection.shareInFlight && options.share;
    return hub.subscribe({
      caller,
      subgraph,
      headers,
      body,
      transport,
      isShared,
      options,
    });
  };

  return {
    async subscribe(call, context, signal) {
      const connection = connections.get(call.subgraph);
      if (connection === undefined) {
        throw new SubgraphFailure('unreachable', `No subgraph "${call.subgraph}" is known`);
      }
      const fetch = await prepare(connection, call, context);
      signal.throwIfAborted();
      const began = performance.now();
      const tell = (status: number | null, error: Error | null, shared: boolean): void => {
        const durationMs = performance.now() - began;
        for (const hook of hooks.onFetch ?? []) {
          hook(fetch, { status, durationMs, error, shared }, context);
        }
      };
      let started: ReturnType<typeof start> | null = null;
      let status: number;
      try {
        started = start(connection, fetch, call.body, context);
        leaveWith(signal, started.subscriber);
        status = await started.subscriber.opened;
      } catch (error) {
        const failedWith = error instanceof SubgraphFailure ? error.status : null;
        const reason = error instanceof Error ? error : new Error(String(error));
        tell(failedWith, reason, started?.joined ?? false);
        throw error;
      }
      tell(status, null, started.joined);
      return started.subscriber;
    },
  };
}

function leaveWith(signal: AbortSignal, subscriber: Subscriber): void {
  const leave = (): void => subscriber.abandon(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  void subscriber.over.then(() => signal.removeEventListener('abort', leave));
}
