import { Writable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import type { Test } from 'tap';
import { createGateway } from '#gateway/app.ts';
import { readConfig } from '#gateway/config.ts';
import { defineConfig } from '#gateway/settings.ts';
import { loadSupergraph, type Supergraph } from '#gateway/supergraph/supergraph.ts';
import type { SupergraphSource } from '#gateway/supergraph/supergraph-source.ts';
import { compose } from '#test/support/compose.ts';
import { type ReceivedCall, startSubgraph } from '#test/support/subgraph-server.ts';

/** A graph in two versions, over the same two running subgraphs. */
export interface TwoVersions {
  readonly app: FastifyInstance;
  readonly url: string;
  /** `me { id name posts { title } }`, and `gone`. */
  readonly before: string;
  /** The same with `email`, and without `gone`. */
  readonly after: string;
  readonly calls: ReceivedCall[];
  /** What was logged with this message so far, oldest first. */
  logged(message: RegExp): readonly string[];
  /** How many connections each subgraph has open. */
  connections(): number;
  /** The next call to the subgraph `users` waits until it is let go. */
  holdUsers(): { readonly arrived: Promise<void>; letGo(): void };
  /** Resolves when all connections of the subgraphs have been closed. */
  disconnected(): Promise<void>;
  ask(query: string, variables?: object): Promise<{ data?: unknown; errors?: unknown }>;
}

export interface TwoVersionsOptions {
  readonly settings?: Omit<Parameters<typeof defineConfig>[0], 'plugins'>;
  readonly plugins?: Parameters<typeof defineConfig>[0]['plugins'];
  /** What is handed to the gateway in place of the first supergraph. */
  readonly first?: (loaded: Supergraph) => Supergraph;
  readonly source?: (sdl: { readonly before: string; readonly after: string }) => SupergraphSource;
}

const both = {
  users: {
    typeDefs: `
      type Query { me: User gone: String }
      type User @key(fields: "id") { id: ID! name: String email: String }`,
    resolvers: {
      Query: { me: () => ({ id: '1', name: 'Ann', email: 'ann@example.com' }), gone: () => 'here' },
    },
  },
  posts: {
    typeDefs: `
      type User @key(fields: "id") { id: ID! posts: [Post!]! }
      type Post { title: String! }`,
    resolvers: { User: { posts: () => [{ title: 'One' }] } },
  },
};

export async function startTwoVersions(
  t: Test,
  { settings = {}, plugins = [], first = (loaded) => loaded, source }: TwoVersionsOptions = {},
): Promise<TwoVersions> {
  const calls: ReceivedCall[] = [];
  const users = await startSubgraph('users', both.users, calls);
  const posts = await startSubgraph('posts', both.posts, calls);
  t.teardown(() => Promise.all([users.app.close(), posts.app.close()]));
  const sockets = new Set<object>();
  let onDisconnected: () => void = () => {};
  for (const { server } of [users.app, posts.app]) {
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => {
        sockets.delete(socket);
        if (sockets.size === 0) onDisconnected();
      });
    });
  }
  const withUrls = (sdl: string): string =>
    sdl
      .replace('http://127.0.0.1:1/users', users.url)
      .replace('http://127.0.0.1:1/posts', posts.url);
  const version = (typeDefs: string): string =>
    withUrls(compose({ users: typeDefs, posts: both.posts.typeDefs }));
  const before = version(both.users.typeDefs.replace(' email: String', ''));
  const after = version(both.users.typeDefs.replace(' gone: String', ''));

  const lines: string[] = [];
  const log = new Writable({
    write(chunk, _encoding, done) {
      lines.push((JSON.parse(String(chunk)) as { msg: string }).msg);
      done();
    },
  });
  const config = readConfig({
    flags: { open: true, port: '0' },
    env: {},
    castellan: defineConfig({ plugins, ...settings }),
  });
  const app = await createGateway({
    config,
    supergraph: first(await loadSupergraph(before, undefined, config.settings)),
    logger: pino({ level: 'debug' }, log),
    ...(source && { source: source({ before, after }) }),
  });
  t.teardown(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });

  return {
    app,
    url,
    before,
    after,
    calls,
    logged: (message) => lines.filter((line) => message.test(line)),
    connections: () => sockets.size,
    holdUsers: () => hold(users.app),
    disconnected: () =>
      new Promise((resolve) => {
        onDisconnected = resolve;
        if (sockets.size === 0) resolve();
      }),
    async ask(query, variables) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as { data?: unknown; errors?: unknown };
    },
  };
}

/** Takes one call on its way in. */
function hold({ server }: FastifyInstance): ReturnType<TwoVersions['holdUsers']> {
  const arrived = Promise.withResolvers<void>();
  const [handle] = server.listeners('request') as ((...args: unknown[]) => void)[];
  const waiting: (() => void)[] = [];
  server.removeAllListeners('request');
  server.once('request', (...args: unknown[]) => {
    server.on('request', handle as never);
    waiting.push(() => handle?.(...args));
    arrived.resolve();
  });
  return { arrived: arrived.promise, letGo: () => waiting.shift()?.() };
}
