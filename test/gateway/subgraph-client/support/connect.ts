import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Test } from 'tap';
import { type Caller, openCaller } from '#contract/caller.ts';
import { type Clock, systemClock } from '#contract/clock.ts';
import { createHookRegistry, type HookRegistry } from '#gateway/hooks.ts';
import { defineConfig } from '#gateway/settings.ts';
import { connectSubgraphs } from '#gateway/subgraph-client/connect-subgraphs.ts';
import {
  createSubgraphClient,
  type SubgraphResult,
} from '#gateway/subgraph-client/subgraph-client.ts';
import { SubscriptionHub } from '#gateway/subgraph-client/subscriptions/subscription-hub.ts';

export type SubgraphsSettings = NonNullable<Parameters<typeof defineConfig>[0]['subgraphs']>;

export interface CallOptions {
  readonly operation?: 'query' | 'mutation';
  readonly caller?: Caller;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly requestId?: string;
}

export interface Connected {
  readonly hooks: HookRegistry;
  /** What was logged, oldest first. */
  readonly log: string[];
  call(options?: CallOptions): Promise<SubgraphResult>;
  subscribe(
    options?: Omit<CallOptions, 'operation'>,
    signal?: AbortSignal,
  ): Promise<AsyncIterableIterator<SubgraphResult>>;
  /** Closes the client, and leaves its streams alone. */
  release(): Promise<void>;
  close(): Promise<void>;
}

export interface ConnectParts {
  readonly hub?: SubscriptionHub;
  readonly local?: ReadonlyMap<string, FastifyInstance>;
}

/** A client with these options in front of one subgraph, `users`. */
export function connect(
  t: Test,
  url: string,
  subgraphs: SubgraphsSettings = {},
  clock: Clock = systemClock,
  { hub = new SubscriptionHub(), local = new Map() }: ConnectParts = {},
): Connected {
  const hooks = createHookRegistry();
  const log: string[] = [];
  const tell = (_: unknown, message?: string): void => void log.push(String(message));
  const { settings } = defineConfig({ plugins: [], subgraphs });
  const client = createSubgraphClient(
    connectSubgraphs(
      { subgraphs: new Map([['users', { name: 'users', url }]]) },
      {
        config: { settings, subgraphUrls: {} },
        local,
        clock,
        logger: { info: tell, warn: tell },
      },
    ),
    hooks.lists,
    undefined,
    hub,
  );
  let releasing: Promise<void> | null = null;
  const release = (): Promise<void> => {
    releasing ??= client.close();
    return releasing;
  };
  const close = (): Promise<void> => release().then(() => hub.close());
  t.teardown(close);
  const contextOf = ({ caller, headers, requestId }: CallOptions) => ({
    // All that a call reads of a request.
    request: { id: requestId ?? someId, headers: headers ?? {} } as FastifyRequest,
    reply: {} as FastifyReply,
    caller: caller ?? openCaller,
    errors: null,
  });
  return {
    hooks,
    log,
    call: ({ operation = 'query', body = '{"query":"{me{id}}"}', ...options } = {}) =>
      client.call({ subgraph: 'users', operation, document: '{me{id}}', body }, contextOf(options)),
    subscribe: (
      { body = '{"query":"subscription{tick}"}', ...options } = {},
      signal = new AbortController().signal,
    ) =>
      client.subscribe(
        { subgraph: 'users', operation: 'subscription', document: 'subscription{tick}', body },
        contextOf(options),
        signal,
      ),
    release,
    close,
  };
}

const someId = '0b6ef36a-9d1c-4f4e-8f5d-1c2b3a495867';

/** How a call ended, for comparing: the ids that came, or the code and the reason. */
export async function outcomeOf(result: Promise<SubgraphResult>): Promise<unknown> {
  try {
    const { data, errors } = await result;
    return errors.length === 0 ? data : errors;
  } catch (error) {
    const { code, reason } = error as { code: string; reason: string };
    return `${code} ${reason}`;
  }
}
