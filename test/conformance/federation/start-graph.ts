import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type DocumentNode, type GraphQLSchema, graphql, parse } from 'graphql';
import { pino } from 'pino';
import { CodedError } from '#contract/errors.ts';
import { createGateway } from '#gateway/app.ts';
import { readConfig } from '#gateway/config.ts';
import { defineConfig } from '#gateway/settings.ts';
import { loadSupergraph } from '#gateway/supergraph/supergraph.ts';
import type { Graph, GraphRequest, Subgraph, SubgraphRequest } from './federation-case.ts';
import { type Oracle, startOracle } from './oracle.ts';
import { type PlannerName, planners } from './planners.ts';

export interface RunningGraph {
  /** Names of the subgraphs that the gateways have called, in the order of the calls. */
  readonly calls: string[];
  /** What they sent, as text. */
  readonly bodies: string[];
  /** Without `accept` the answer is JSON. */
  /** By planner; without the one that cannot load the graph. */
  readonly gateways: ReadonlyMap<
    PlannerName,
    (request: GraphRequest, accept?: string) => Promise<string>
  >;
  /** Null where it cannot load the graph. */
  readonly oracle: Oracle | null;
  close(): Promise<void>;
}

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@shareable", "@external", "@requires", "@provides", "@override",
  "@inaccessible", "@interfaceObject", "@tag", "@composeDirective", "@extends"])\n`;

/** Starts the subgraphs, composes them, and starts a gateway for each planner and the oracle in front of them. */
export async function startGraph(
  graph: Pick<Graph, 'subgraphs' | 'oracle' | 'hive'>,
): Promise<RunningGraph> {
  const calls: string[] = [];
  const bodies: string[] = [];
  const services = Object.entries(graph.subgraphs).map(([name, subgraph]) => {
    const typeDefs = parse((subgraph.header ?? link) + subgraph.typeDefs);
    return { name, subgraph, typeDefs, schema: buildSchema(typeDefs, subgraph) };
  });
  const { app, url } = await startSubgraphs(services, calls, bodies);
  const { supergraphSdl, errors } = composeServices(
    services.map(({ name, typeDefs }) => ({ name, url: `${url}/${name}`, typeDefs })),
  );
  if (supergraphSdl === undefined) {
    await app.close();
    throw new AggregateError(errors ?? [], `the graph does not compose: ${errors?.join('; ')}`);
  }

  const started = await Promise.all(
    planners.map(async (planner) => {
      const starting = startGateway(supergraphSdl, planner);
      const isRefused = planner === 'hive' && graph.hive !== undefined;
      const gateway = isRefused ? await refusal(starting, graph.hive) : await starting;
      return gateway === null ? [] : [{ planner, gateway }];
    }),
  );
  const running = started.flat();
  const schemas = new Map(
    services
      .filter(({ subgraph }) => subgraph.respond === undefined)
      .map(({ name, schema }) => [name, schema]),
  );
  const oracle = await startOracleOrRefuse(graph, () => startOracle(supergraphSdl, schemas));
  return {
    calls,
    bodies,
    gateways: new Map(
      running.map(({ planner, gateway }) => [
        planner,
        (request, accept) => ask(gateway, request, accept),
      ]),
    ),
    oracle,
    async close() {
      await Promise.all(running.map(({ gateway }) => gateway.close()));
      await oracle?.close();
      await app.close();
    },
  };
}

function buildSchema(typeDefs: DocumentNode, { resolvers = {} }: Subgraph): GraphQLSchema {
  // The type of resolver maps cannot express `__resolveReference` of an interface.
  return buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }]);
}

/** All subgraphs of a graph behind one socket, each under its name. */
async function startSubgraphs(
  services: readonly { name: string; subgraph: Subgraph; schema: GraphQLSchema }[],
  calls: string[],
  bodies: string[],
): Promise<{ readonly app: FastifyInstance; readonly url: string }> {
  const app = Fastify();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    async (_: FastifyRequest, body: string) => {
      bodies.push(body);
      return JSON.parse(body);
    },
  );
  for (const { name, subgraph, schema } of services) {
    app.post<{ Body: SubgraphRequest }>(`/${name}`, async ({ body }, reply) => {
      calls.push(name);
      reply.type('application/json');
      if (subgraph.respond !== undefined) return subgraph.respond(body);
      const result = await graphql({ schema, source: body.query, variableValues: body.variables });
      return JSON.stringify(result);
    });
  }
  return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }) };
}

/** Null, because the planner has refused the graph as it should. */
async function refusal(starting: Promise<FastifyInstance>, reason: string): Promise<null> {
  const gateway = await starting.catch((error: unknown) => {
    if (error instanceof CodedError && error.code === 'CONFIGURATION_INVALID') return null;
    throw error;
  });
  if (gateway === null) return null;
  await gateway.close();
  throw new TypeError(`the planner loads the graph after all: ${reason}`);
}

/** Null when the graph says why the oracle cannot load it, and it cannot. */
async function startOracleOrRefuse(
  graph: Pick<Graph, 'oracle'>,
  start: () => Promise<Oracle>,
): Promise<Oracle | null> {
  if (graph.oracle === undefined) return start();
  const oracle = await start().catch(() => null);
  if (oracle === null) return null;
  await oracle.close();
  throw new TypeError(`the oracle loads the graph after all: ${graph.oracle}`);
}

async function startGateway(supergraphSdl: string, planner: PlannerName): Promise<FastifyInstance> {
  const config = readConfig({
    flags: { open: true, port: '0' },
    env: {},
    castellan: defineConfig({ plugins: [] }),
  });
  const supergraph = await loadSupergraph(supergraphSdl, undefined, { planner });
  const app = await createGateway({ config, supergraph, logger: pino({ level: 'silent' }) });
  app.addHook('onClose', () => supergraph.close());
  return app;
}

async function ask(
  gateway: FastifyInstance,
  request: GraphRequest,
  accept = 'application/json',
): Promise<string> {
  const { payload } = await gateway.inject({
    method: 'POST',
    url: '/graphql',
    headers: { accept },
    payload: { ...request },
  });
  return payload;
}
