import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import Fastify from 'fastify';
import { parse } from 'graphql';
import mercurius from 'mercurius';
import { pino } from 'pino';
import type { Test } from 'tap';
import { Type } from 'typebox';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { createGateway } from '#gateway/app.ts';
import { readConfig } from '#gateway/config.ts';
import { definePlugin, use } from '#gateway/plugin.ts';
import { defineConfig } from '#gateway/settings.ts';
import { loadSupergraph } from '#gateway/supergraph/supergraph.ts';
import { authorization } from '#plugins/authorization/index.ts';
import { guarded } from './guarded-graph.ts';

export interface GuardedGateway {
  readonly url: string;
  /** What was logged, as it was written. */
  logs(): string;
  /** The subgraphs that were called, in order. */
  readonly calls: string[];
  ask(
    caller: string,
    body: unknown,
    headers?: Record<string, string>,
    path?: string,
  ): Promise<Response>;
}

/**
 * A gateway with the authorization plugin in front of real subgraphs. Who is calling is told by the header
 * `caller`, which a plugin in the place of auth takes at its word. `/open`, `/rights` and `/off` are other addresses
 * of it, each with that rule for introspection.
 */
export async function startGuarded(
  t: Test,
  subgraphs: Readonly<Record<string, { readonly typeDefs: string; readonly resolvers: object }>>,
  callers: Readonly<Record<string, Caller>>,
  options: NonNullable<(typeof authorization)['optionsType']> = {},
): Promise<GuardedGateway> {
  const calls: string[] = [];
  const servers = await Promise.all(
    Object.entries(subgraphs).map(async ([name, { typeDefs, resolvers }]) => {
      const app = Fastify();
      t.teardown(() => app.close());
      app.addHook('preHandler', async () => void calls.push(name));
      const document = parse(guarded(typeDefs));
      const schema = buildSubgraphSchema([{ typeDefs: document, resolvers: resolvers as never }]);
      await app.register(mercurius, { schema });
      const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/graphql`;
      return { name, url, typeDefs: document };
    }),
  );
  const { supergraphSdl, errors } = composeServices(servers);
  if (supergraphSdl === undefined) throw new AggregateError(errors ?? [], String(errors));
  const trusting = definePlugin({
    name: 'auth',
    options: Type.Object({}),
    register(app) {
      app.addHook('onRequest', async (request) => {
        request.caller = callers[String(request.headers.caller)] ?? anonymousCaller;
      });
      // The same graph, by addresses that say who may ask for the schema.
      for (const introspection of ['open', 'rights', 'off'] as const) {
        app.castellan.addGraphqlRoute({
          url: `/${introspection}`,
          config: { introspection: () => introspection },
        });
      }
    },
  });
  const config = readConfig({
    flags: { port: '0' },
    env: {},
    castellan: defineConfig({ plugins: [use(trusting), use(authorization, options)] }),
  });
  const lines: string[] = [];
  const app = await createGateway({
    config,
    supergraph: await loadSupergraph(supergraphSdl, undefined, config.settings),
    logger: pino({ level: 'info' }, { write: (line: string) => lines.push(line) }),
  });
  t.teardown(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    calls,
    logs: () => lines.join(''),
    ask: (caller, body, headers = {}, path = '/graphql') =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', caller, ...headers },
        body: JSON.stringify(body),
      }),
  };
}
