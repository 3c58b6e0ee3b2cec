import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { type GraphQLSchema, graphql } from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/http';
import { useServer } from 'graphql-ws/use/ws';
import { createYoga } from 'graphql-yoga';
import mercurius from 'mercurius';
import type { Test } from 'tap';
import { WebSocketServer } from 'ws';

/** Starts a server that speaks GraphQL as real ones do, and gives its URL. */
export type StartServer = (t: Test, schema: GraphQLSchema) => Promise<string>;

export async function listen(t: Test, server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

/** graphql-ws beside queries over plain HTTP, as people write it by hand. */
export const withGraphqlWs: StartServer = async (t, schema) => {
  const server = createServer(plainGraphql(schema));
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  const graphqlWs = useServer({ schema }, sockets);
  t.teardown(() => graphqlWs.dispose());
  return listen(t, server);
};

export const withGraphqlSse: StartServer = (t, schema) => {
  const handle = createHandler({ schema });
  return listen(
    t,
    createServer((request, response) => void handle(request, response)),
  );
};

export const withYoga: StartServer = (t, schema) =>
  listen(t, createServer(createYoga({ schema, logging: false }) as RequestListener));

export const withMercurius: StartServer = async (t, schema) => {
  const app = Fastify();
  await app.register(mercurius, { schema, subscription: true });
  t.teardown(() => app.close());
  return `${await app.listen({ host: '127.0.0.1', port: 0 })}/graphql`;
};

function plainGraphql(schema: GraphQLSchema): RequestListener {
  return async (request, response) => {
    const { query, variables } = JSON.parse(await textOf(request));
    const answer = await graphql({ schema, source: query, variableValues: variables });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = await request.toArray();
  return Buffer.concat(chunks).toString('utf8');
}
