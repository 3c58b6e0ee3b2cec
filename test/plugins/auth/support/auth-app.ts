import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { Writable } from 'node:stream';
import { type FastifyInstance, fastify } from 'fastify';
import type { Caller } from '#contract/caller.ts';
import { DEFAULT_ISSUER } from '#contract/claims.ts';
import type { Clock } from '#contract/clock.ts';
import type { Identity } from '#contract/identity.ts';
import { createSigningKey } from '#contract/signing-keys.ts';
import type { GatewayConfig } from '#gateway/config.ts';
import { createHookRegistry, type SubgraphFetch } from '#gateway/hooks.ts';
import type { Castellan } from '#gateway/plugin.ts';
import { defineConfig } from '#gateway/settings.ts';
import { loadSupergraph } from '#gateway/supergraph/supergraph.ts';
import { auth } from '#plugins/auth/index.ts';
import { ManualClock } from './manual-clock.ts';

export interface AuthAppOptions {
  readonly identity?: Identity | undefined;
  readonly config?: Partial<GatewayConfig>;
  readonly options?: Record<string, unknown>;
  readonly clock?: Clock;
  /** Adds routes of a test's own. */
  readonly prepare?: (app: FastifyInstance) => void;
}

export interface AuthApp {
  readonly app: FastifyInstance;
  readonly url: string;
  readonly config: GatewayConfig;
  /** The callers of the requests that were let in. */
  readonly callers: Caller[];
  readonly logs: string[];
  send(options?: Sent): Promise<Answer>;
}

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  /** Name, value, name, value: as they go over the wire. */
  readonly headers?: readonly string[];
  readonly body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

interface Teardown {
  teardown(close: () => Promise<void>): void;
}

/**
 * A small gateway on a real port: what the auth plugin finds in the large one, `/graphql` that answers `{}`, and
 * `/fetch?subgraph=a` that answers the headers with which that subgraph would be called.
 */
export async function startAuthApp(t: Teardown, given: AuthAppOptions = {}): Promise<AuthApp> {
  const logs: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      logs.push(String(chunk));
      done();
    },
  });
  const config = configWith(given.config);
  const hooks = createHookRegistry();
  const callers: Caller[] = [];
  const app = fastify({ logger: { level: 'trace', stream }, trustProxy: config.trustProxy });
  app.decorate('castellan', {
    config,
    clock: given.clock ?? new ManualClock(),
    identity: given.identity,
    supergraph: await standingSupergraph(),
    workers: undefined,
    addHook: hooks.add,
    ask: () => Promise.reject(new TypeError('there is no graph here')),
    addGraphqlRoute: () => undefined,
    addSubgraph: () => undefined,
  });
  app.decorateRequest('caller', null as never);
  await auth.configure(given.options ?? {}).register(app);

  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    handler: async (request) => {
      callers.push(request.caller);
      return { headers: request.headers, raw: request.raw.rawHeaders };
    },
  });
  app.get('/open-to-all', { config: { public: true } }, async (request) => request.caller.kind);
  app.get<{ Querystring: { subgraph: string } }>('/fetch', async (request, reply) => {
    const { caller } = request;
    const fetch: SubgraphFetch = {
      subgraph: request.query.subgraph,
      kind: 'query',
      query: '{ __typename }',
      headers: {},
      repeatable: true,
    };
    for (const hook of hooks.lists.preFetch ?? []) {
      await hook(fetch, { request, reply, caller, errors: null });
    }
    return fetch.headers;
  });
  given.prepare?.(app);
  t.teardown(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, url, config, callers, logs, send: (sent = {}) => send(url, sent) };
}

/** One that nothing replaces. */
async function standingSupergraph(): Promise<Castellan['supergraph']> {
  const served = await loadSupergraph(readFileSync('supergraph.graphql', 'utf8'));
  const replace = async () => ({ kind: 'superseded' as const });
  return { served, swaps: 0, swapsRefused: 0, readsFailed: 0, generations: 1, replace };
}

export function configWith(given: Partial<GatewayConfig> = {}): GatewayConfig {
  return {
    host: '127.0.0.1',
    port: 0,
    open: false,
    production: false,
    supergraph: 'supergraph.graphql',
    trustProxy: false,
    logLevel: 'trace',
    issuer: DEFAULT_ISSUER,
    signingKey: createSigningKey(),
    identityUrl: undefined,
    identitySecret: undefined,
    subgraphUrls: {},
    plugins: [],
    settings: defineConfig({ plugins: [] }).settings,
    ...given,
  };
}

/** One exchange over a socket of its own, headers exactly as given. */
export async function send(url: string, sent: Sent): Promise<Answer> {
  const { method = 'GET', path = '/graphql', headers = [], body } = sent;
  const hasLength = body !== undefined || method === 'POST';
  const length = hasLength ? ['content-length', String(Buffer.byteLength(body ?? ''))] : [];
  const target = new URL(url);
  const outgoing = httpRequest({
    host: target.hostname,
    port: target.port,
    method,
    path,
    agent: false,
    headers: ['host', target.host, ...length, ...headers],
  });
  outgoing.end(body);
  const [incoming] = await once(outgoing, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return {
    status: incoming.statusCode,
    headers: incoming.headers,
    text: Buffer.concat(chunks).toString('utf8'),
  };
}

/** A text of the shape of a session, known to nobody unless a test says so. */
export function sessionText(): string {
  const token = randomBytes(16).toString('hex');
  return `${token}.${randomBytes(32).toString('base64')}`;
}
