import { readFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import Fastify from 'fastify';
import { type DocumentNode, type GraphQLSchema, graphql, parse } from 'graphql';
import { pino } from 'pino';
import type { Test } from 'tap';
import { Type } from 'typebox';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { createGateway } from '#gateway/app.ts';
import { readConfig } from '#gateway/config.ts';
import { definePlugin, use } from '#gateway/plugin.ts';
import { defineConfig } from '#gateway/settings.ts';
import { buildApiSchema } from '#gateway/supergraph/api-schema.ts';
import { loadSupergraph } from '#gateway/supergraph/supergraph.ts';
import { authorization } from '#plugins/authorization/index.ts';
import { MemoryIdentity } from '#test/plugins/auth/support/memory-identity.ts';
import { guarded } from './guarded-graph.ts';

export interface ExplainedSubgraph {
  readonly typeDefs: string;
  readonly resolvers: Readonly<Record<string, object>>;
}

export interface Answered {
  readonly status: number;
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
}

export interface ExplainedGateway {
  /** What clients could ask of the subgraphs, without `explainAccess`. */
  readonly schema: GraphQLSchema;
  /** Names of the subgraphs that were called over HTTP, in order. */
  readonly calls: string[];
  /** Knows each of `keys` by its id, and lets everybody know. */
  readonly identity: MemoryIdentity;
  ask(caller: Caller, body: object, headers?: Readonly<Record<string, string>>): Promise<Answered>;
}

const explainSchema = readFileSync('plugins/authorization/explain/schema.graphql', 'utf8');

/**
 * A gateway with the authorization plugin, `explainAccess` included, in front of real subgraphs. A plugin in the place
 * of auth takes callers as the test gives them.
 */
export async function startExplained(
  t: Test,
  subgraphs: Readonly<Record<string, ExplainedSubgraph>>,
  options: NonNullable<(typeof authorization)['optionsType']> = {},
): Promise<ExplainedGateway> {
  const calls: string[] = [];
  const server = Fastify();
  const services: { name: string; typeDefs: DocumentNode; url: string }[] = [];
  for (const [name, { typeDefs, resolvers }] of Object.entries(subgraphs)) {
    const document = parse(guarded(typeDefs));
    const schema = buildSubgraphSchema([{ typeDefs: document, resolvers: resolvers as never }]);
    server.post<{ Body: { query: string; variables?: Record<string, unknown> } }>(
      `/${name}`,
      async ({ body }) => {
        calls.push(name);
        return graphql({ schema, source: body.query, variableValues: body.variables });
      },
    );
    services.push({ name, typeDefs: document, url: '' });
  }
  t.teardown(() => server.close());
  const base = await server.listen({ host: '127.0.0.1', port: 0 });
  const own = services.map((service) => ({ ...service, url: `${base}/${service.name}` }));
  const explain = {
    name: 'authorization',
    typeDefs: parse(explainSchema),
    url: 'http://authorization.invalid/',
  };

  const identity = new MemoryIdentity();
  const given = new Map<string, Caller>();
  const trusting = definePlugin({
    name: 'auth',
    options: Type.Object({}),
    register(app) {
      app.castellan.identity = identity;
      app.addHook('onRequest', async (request) => {
        request.caller = given.get(String(request.headers.caller)) ?? anonymousCaller;
      });
    },
  });
  const config = readConfig({
    flags: { port: '0' },
    env: {},
    castellan: defineConfig({ plugins: [use(trusting), use(authorization, options)] }),
  });
  const app = await createGateway({
    config,
    supergraph: await loadSupergraph(composed([...own, explain]), undefined, config.settings),
    logger: pino({ level: 'silent' }),
  });
  t.teardown(() => app.close());
  return {
    schema: buildApiSchema(parse(composed(own))),
    calls,
    identity,
    async ask(caller, body, headers = {}) {
      given.set('it', caller);
      const { statusCode, payload } = await app.inject({
        method: 'POST',
        url: '/graphql',
        headers: { caller: 'it', accept: 'application/json', ...headers },
        payload: { ...body },
      });
      return { status: statusCode, ...JSON.parse(payload) };
    },
  };
}

function composed(services: Parameters<typeof composeServices>[0]): string {
  const { supergraphSdl, errors } = composeServices(services);
  if (supergraphSdl === undefined) throw new AggregateError(errors ?? [], String(errors));
  return supergraphSdl;
}
