import { randomBytes } from 'node:crypto';
import { EventEmitter, on, once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import type { Test } from 'tap';
import { jwkSet } from '#cli/claims-keys.ts';
import { DEFAULT_ISSUER } from '#contract/claims.ts';
import { type Clock, systemClock } from '#contract/clock.ts';
import { createSigningKey } from '#contract/signing-keys.ts';
import { createGateway } from '#gateway/app.ts';
import { readConfig } from '#gateway/config.ts';
import { defineConfig } from '#gateway/settings.ts';
import { loadSupergraph } from '#gateway/supergraph/supergraph.ts';
import { auth } from '#plugins/auth/index.ts';
import { createIdentity } from '#subgraphs/identity/app.ts';
import { createSubgraph, openDatabase, type SubgraphContext } from '#subgraphs/kit/index.ts';
import { ask, signUp } from './client.ts';
import { compose } from './compose.ts';
import { federated } from './subgraph-server.ts';

const SHARED_SECRET = 'a-secret-of-gateway-and-identity';

export interface LiveOptions {
  /** Identity is asked over HTTP, and tells of no change by itself. */
  readonly split?: boolean;
  readonly clock?: Clock;
  readonly auth?: Record<string, unknown>;
  readonly settings?: Omit<Parameters<typeof defineConfig>[0], 'plugins'>;
}

/** A gateway with people and keys, and two subgraphs behind it: one that ticks, one that knows names. */
export interface LiveCastellan {
  readonly app: Awaited<ReturnType<typeof createGateway>>;
  readonly url: string;
  readonly webSocketUrl: string;
  /** Sends an event to all who are subscribed. */
  tick(id: string): void;
  /** Resolves when so many are subscribed at the subgraph. */
  subscribed(count: number): Promise<void>;
  /** A new person's session cookie. */
  signUp(email?: string): Promise<string>;
  signOut(cookie: string): Promise<void>;
  createKey(cookie: string, input?: Record<string, unknown>): Promise<{ id: string; key: string }>;
  revokeKey(cookie: string, id: string): Promise<void>;
  /** Stops the identity service of a split gateway, as a fault would. */
  stopIdentity(): Promise<void>;
}

const typeDefs = {
  ticker: `
    type Query { hello: String }
    type Subscription { ticked: Tick }
    type Tick @key(fields: "id") { id: ID! who: String }`,
  names: 'type Tick @key(fields: "id") { id: ID! name: String reader: String }',
};

const identityTypeDefs = readFileSync(
  new URL('../../subgraphs/identity/schema.graphql', import.meta.url),
  'utf8',
);

/** The operation most tests subscribe with: an event of one subgraph, and fields of the other. */
export const TICKED = 'subscription { ticked { id who name reader } }';

export async function startLive(t: Test, options: LiveOptions = {}): Promise<LiveCastellan> {
  const { clock = systemClock, split = false } = options;
  const signingKey = createSigningKey();
  const claims = { keys: jwkSet(signingKey), issuer: DEFAULT_ISSUER };
  const logger = pino({ level: 'silent' });
  const ticker = await startTicker(t, claims, clock);
  const names = await createSubgraph({
    name: 'names',
    typeDefs: federated(typeDefs.names),
    resolvers: [
      {
        Tick: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          name: ({ id }: { id: string }) => `tick ${id}`,
          reader: (_: unknown, __: unknown, { caller }: SubgraphContext) => caller.subject,
        },
      } as never,
    ],
    claims,
    clock,
  });
  t.teardown(() => names.close());

  const database = await openDatabase({ url: undefined, file: path.join(t.testdir(), 'live.db') });
  const identity = await createIdentity({
    database,
    dialect: 'sqlite',
    clock,
    pepper: `v1:${randomBytes(32).toString('base64')}`,
    claims,
    secret: SHARED_SECRET,
    baseUrl: 'http://127.0.0.1:4000',
    production: false,
    logger,
  });
  t.teardown(async () => {
    await identity.close();
    await database.destroy();
  });
  const listening = { host: '127.0.0.1', port: 0 };
  const identityUrl = await identity.app.listen(listening);
  const config = readConfig({
    flags: { port: '0' },
    env: {
      CASTELLAN_SIGNING_KEY: signingKey,
      CASTELLAN_SUBGRAPH_TICKER_URL: `${ticker.url}/graphql`,
      CASTELLAN_SUBGRAPH_NAMES_URL: `${await names.listen(listening)}/graphql`,
      CASTELLAN_SUBGRAPH_IDENTITY_URL: `${identityUrl}/graphql`,
      ...(split && { IDENTITY_URL: identityUrl, IDENTITY_SECRET: SHARED_SECRET }),
    },
    castellan: defineConfig({ plugins: [auth.configure(options.auth)], ...options.settings }),
  });
  const supergraph = await loadSupergraph(
    compose({ ...typeDefs, identity: identityTypeDefs }),
    undefined,
    config.settings,
  );
  const app = await createGateway({
    config,
    supergraph,
    logger,
    clock,
    ...(!split && { identity: identity.identity }),
  });
  t.teardown(() => app.close());
  const url = await app.listen(listening);

  return {
    app,
    url,
    webSocketUrl: `${url.replace('http', 'ws')}/graphql`,
    tick: ticker.tick,
    subscribed: ticker.subscribed,
    signUp: (email = `${randomBytes(6).toString('hex')}@example.com`) => signUp(url, email),
    async signOut(cookie) {
      const response = await fetch(`${url}/api/auth/sign-out`, {
        method: 'POST',
        headers: { cookie },
      });
      if (!response.ok) throw new Error(`sign-out: ${response.status}`);
    },
    async createKey(cookie, input = { permissions: ['READ'] }) {
      const { data, errors } = await ask(
        url,
        'mutation ($input: CreateAPIKeyInput!) { createAPIKey(input: $input) { id key } }',
        { variables: { input: { name: 'a key', ...input } }, headers: { cookie } },
      );
      if (errors !== undefined) throw new Error(errors[0]?.message);
      return (data as { createAPIKey: { id: string; key: string } }).createAPIKey;
    },
    async revokeKey(cookie, id) {
      const { errors } = await ask(url, `mutation { revokeAPIKey(id: "${id}") { id } }`, {
        headers: { cookie },
      });
      if (errors !== undefined) throw new Error(errors[0]?.message);
    },
    async stopIdentity() {
      identity.app.server.closeAllConnections();
      await identity.app.close();
    },
  };
}

async function startTicker(
  t: Test,
  claims: Parameters<typeof createSubgraph>[0]['claims'],
  clock: Clock,
) {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);
  const changes = new EventEmitter();
  let open = 0;
  const count = (difference: number): void => {
    open += difference;
    changes.emit('change');
  };
  const app = await createSubgraph({
    name: 'ticker',
    typeDefs: federated(typeDefs.ticker),
    resolvers: [
      {
        Query: { hello: () => 'hello' },
        Subscription: {
          ticked: {
            async *subscribe(_: unknown, __: unknown, { signal }: SubgraphContext) {
              // Listens before it counts: whoever waited for the count may send at once.
              const ticks = on(emitter, 'tick', { signal });
              count(1);
              try {
                for await (const [id] of ticks) yield { ticked: { id } };
              } catch (error) {
                if (!signal?.aborted) throw error;
              } finally {
                count(-1);
              }
            },
          },
        } as never,
        Tick: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          who: (_: unknown, __: unknown, { caller }: SubgraphContext) => caller.subject,
        },
      } as never,
    ],
    claims,
    clock,
  });
  t.teardown(() => app.close());
  return {
    url: await app.listen({ host: '127.0.0.1', port: 0 }),
    tick: (id: string) => void emitter.emit('tick', id),
    async subscribed(expected: number) {
      while (open !== expected) await once(changes, 'change');
    },
  };
}
