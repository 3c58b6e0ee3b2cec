import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import composition from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLSchema, graphql, parse } from 'graphql';
import { type SubgraphSource, subgraphs, whole } from './schemas.ts';

const MAX_ANSWERS = 10_000;

/**
 * One process with all subgraphs and, as `whole`, the graph in one piece; tells their URLs and the supergraph
 * to its parent. Real HTTP, but each answer is computed once and then found by the text of the request: a
 * benchmark of gateways should not be one of subgraphs.
 */
async function serveSubgraphs(): Promise<void> {
  const urls: Record<string, string> = {};
  for (const [name, source] of Object.entries({ ...subgraphs, whole })) {
    urls[name] = await listen(schemaOf(source));
  }
  const services = Object.entries(subgraphs).map(([name, { typeDefs }]) => ({
    name,
    url: urls[name] ?? '',
    typeDefs: parse(typeDefs),
  }));
  const { supergraphSdl, errors } = composition.composeServices(services);
  if (supergraphSdl === undefined) throw new AggregateError(errors ?? [], String(errors));
  process.send?.({ urls, supergraphSdl });
}

function schemaOf({ typeDefs, resolvers }: SubgraphSource): GraphQLSchema {
  const schema = buildSubgraphSchema([
    { typeDefs: parse(typeDefs), resolvers: resolvers as never },
  ]);
  // Mercurius' gateway reads federation 1 only, and wants to be told what extends and what does not.
  const service = schema.getQueryType()?.getFields()._service;
  if (service !== undefined) service.resolve = () => ({ sdl: typeDefs });
  return schema;
}

async function listen(schema: GraphQLSchema): Promise<string> {
  const answers = new Map<string, Promise<Buffer>>();
  const server = createServer(async (request, response) => {
    const text = await readText(request);
    let answer = answers.get(text);
    if (answer === undefined) {
      if (answers.size >= MAX_ANSWERS) answers.clear();
      answer = compute(schema, text);
      answers.set(text, answer);
    }
    const body = await answer;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    response.end(body);
  });
  // A connection rests while other gateways are measured; it is not to be found closed afterwards.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

async function compute(schema: GraphQLSchema, text: string): Promise<Buffer> {
  const { query, variables, operationName } = JSON.parse(text);
  const answer = await graphql({
    schema,
    source: query,
    variableValues: variables,
    operationName: operationName ?? null,
  });
  return Buffer.from(JSON.stringify(answer));
}

function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    request.once('end', () => resolve(text));
    request.once('error', reject);
  });
}

// Whoever started it has gone: so does it.
process.once('disconnect', () => process.exit());
process.once('message', serveSubgraphs);
