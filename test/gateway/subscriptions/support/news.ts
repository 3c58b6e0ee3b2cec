import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { FastifyInstance } from 'fastify';
import { parse } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { pino } from 'pino';
import type { Test } from 'tap';
import { createGateway } from '#gateway/app.ts';
import { readConfig } from '#gateway/config.ts';
import { defineConfig } from '#gateway/settings.ts';
import { loadSupergraph } from '#gateway/supergraph/supergraph.ts';
import { compose } from '#test/support/compose.ts';
import { federated, type ReceivedCall, startSubgraph } from '#test/support/subgraph-server.ts';
import { readEvents, type Stream } from './read-events.ts';

const peopleTypes = `
  type Query { person: Person }
  type Subscription { personChanged(from: Int): Person }
  type Person @key(fields: "id") { id: ID! name: String nick: String }`;
const postTypes = `
  type Person @key(fields: "id") { id: ID! posts: [Post!]! }
  type Post { title: String! }`;

/** A graph whose subgraph `people` says when somebody changes; what they wrote stands in another one. */
export interface News {
  readonly app: FastifyInstance;
  readonly url: string;
  /** The calls that `posts` has got. */
  readonly calls: ReceivedCall[];
  /** How many streams `people` has open, and has ever had. */
  readonly streams: { readonly open: number; readonly ever: number };
  /** Settles when `people` has this many streams open. */
  reached(open: number): Promise<void>;
  /** Tells everybody who is subscribed that person `id` has changed. */
  change(id: number): void;
  /** Ends what everybody is subscribed to. */
  complete(): void;
  /** The same graph: composed again, without `nick`, or with `people` under another name of its host. */
  readonly sdl: { readonly same: string; readonly withoutNick: string; readonly moved: string };
  subscribe(query: string, accept?: string, signal?: AbortSignal): Promise<Stream>;
}

export async function startNews(
  t: Test,
  settings: Omit<Parameters<typeof defineConfig>[0], 'plugins'> = {},
): Promise<News> {
  const people = createPeople();
  const server = createServer(people.yoga);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const calls: ReceivedCall[] = [];
  const posts = await startSubgraph(
    'posts',
    {
      typeDefs: postTypes,
      resolvers: {
        Person: { posts: ({ id }: { id: string }) => [{ title: `by ${id}` }] },
      },
    },
    calls,
  );
  t.teardown(() => posts.app.close());
  const sdlOf = (types: string, host = '127.0.0.1'): string =>
    compose({ people: types, posts: postTypes })
      .replace('http://127.0.0.1:1/people', `http://${host}:${port}/graphql`)
      .replace('http://127.0.0.1:1/posts', posts.url);
  const sdl = {
    same: sdlOf(peopleTypes),
    withoutNick: sdlOf(peopleTypes.replace(' nick: String', '')),
    moved: sdlOf(peopleTypes, 'localhost'),
  };
  const config = readConfig({
    flags: { open: true, port: '0' },
    env: {},
    castellan: defineConfig({ plugins: [], ...settings }),
  });
  const app = await createGateway({
    config,
    supergraph: await loadSupergraph(sdl.same, undefined, config.settings),
    logger: pino({ level: 'silent' }),
  });
  t.teardown(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    app,
    url,
    calls,
    get streams() {
      return people.streams();
    },
    reached: people.reached,
    change: people.change,
    complete: people.complete,
    sdl,
    async subscribe(query, accept = 'text/event-stream', signal) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify({ query }),
        ...(signal !== undefined && { signal }),
      });
      return readEvents(response);
    },
  };
}

function createPeople() {
  const listeners = new Set<(id: number | null) => void>();
  const waiting = new Set<{ readonly open: number; resolve(): void }>();
  let ever = 0;
  const settle = (): void => {
    for (const each of waiting) {
      if (each.open !== listeners.size) continue;
      waiting.delete(each);
      each.resolve();
    }
  };
  const changes = () => {
    const queue: (number | null)[] = [];
    let wake: () => void = () => undefined;
    const listener = (id: number | null): void => {
      queue.push(id);
      wake();
    };
    listeners.add(listener);
    ever += 1;
    settle();
    const end = (): void => {
      listeners.delete(listener);
      settle();
    };
    return {
      async next() {
        while (queue.length === 0 && listeners.has(listener)) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        const id = queue.shift() ?? null;
        if (id !== null) {
          return {
            done: false,
            value: { personChanged: { id, name: `Person ${id}`, nick: `P${id}` } },
          };
        }
        end();
        return { done: true, value: undefined };
      },
      async return() {
        end();
        wake();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  };
  const yoga = createYoga({
    schema: buildSubgraphSchema([
      {
        typeDefs: parse(federated(peopleTypes)),
        resolvers: { Subscription: { personChanged: { subscribe: changes } } } as never,
      },
    ]),
    logging: false,
  });
  return {
    yoga,
    streams: () => ({ open: listeners.size, ever }),
    reached: (open: number): Promise<void> =>
      new Promise((resolve) => {
        waiting.add({ open, resolve });
        settle();
      }),
    change(id: number): void {
      for (const listener of listeners) listener(id);
    },
    complete(): void {
      for (const listener of listeners) listener(null);
    },
  };
}
