import { buildSubgraphSchema } from '@apollo/subgraph';
import Fastify, { type FastifyInstance } from 'fastify';
import { parse } from 'graphql';
import mercurius from 'mercurius';

export interface SubgraphFixture {
  readonly typeDefs: string;
  readonly resolvers: Record<string, unknown>;
}

export interface ReceivedCall {
  readonly subgraph: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly headers: Record<string, unknown>;
}

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@shareable", "@external", "@requires", "@provides", "@override",
  "@inaccessible", "@interfaceObject", "@tag"])\n`;

/** The SDL of a fixture with the federation directives that it may use. */
export function federated(typeDefs: string): string {
  return link + typeDefs;
}

/** A real subgraph over HTTP, without guards, that writes down each call it gets. */
export async function startSubgraph(
  name: string,
  { typeDefs, resolvers }: SubgraphFixture,
  calls: ReceivedCall[],
): Promise<{ readonly app: FastifyInstance; readonly url: string }> {
  const app = Fastify();
  app.addHook('preHandler', async (request) => {
    const body = request.body as { query: string; variables?: Record<string, unknown> };
    calls.push({
      subgraph: name,
      query: body.query,
      variables: body.variables ?? {},
      headers: request.headers,
    });
  });
  await app.register(mercurius, {
    schema: buildSubgraphSchema([
      {
        typeDefs: parse(federated(typeDefs)),
        resolvers: resolvers as never,
      },
    ]),
  });
  return { app, url: `${await app.listen({ host: '127.0.0.1', port: 0 })}/graphql` };
}
