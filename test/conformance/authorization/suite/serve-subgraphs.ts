import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { composeServices } from '@apollo/composition';
import {
  type DocumentNode,
  type GraphQLSchema,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { createYoga } from 'graphql-yoga';
import type { SuiteSubgraph } from './read-suite.ts';
import { dataSchema } from './resolve-data.ts';

/** A question that a subgraph was asked. */
export interface SubgraphCall {
  readonly subgraph: string;
  readonly query: string;
  /** The fields that it asks for, `Type.field`. */
  readonly fields: ReadonlySet<string>;
}

export interface ServedSubgraphs {
  readonly calls: SubgraphCall[];
  /** The composed supergraph, with the addresses of these servers. */
  readonly supergraph: string;
  close(): Promise<void>;
}

/** Serves the subgraphs behind one port of loopback, each under its name; 0 is any free one. */
export async function serveSubgraphs(
  subgraphs: readonly SuiteSubgraph[],
  port = 0,
): Promise<ServedSubgraphs> {
  const calls: SubgraphCall[] = [];
  const servers = new Map(
    subgraphs.map(({ name, typeDefs, data }) => {
      const schema = dataSchema(typeDefs, data);
      const yoga = createYoga({
        schema,
        graphqlEndpoint: `/${name}`,
        logging: false,
        landingPage: false,
        maskedErrors: false,
        plugins: [
          {
            onParams({ params }) {
              const query = params.query ?? '';
              calls.push({ subgraph: name, query, fields: fieldsOf(schema, parse(query)) });
            },
          },
        ],
      });
      return [name, yoga] as const;
    }),
  );
  const server = createServer((request, response) => {
    const yoga = servers.get(request.url?.split('/')[1]?.split('?')[0] ?? '');
    if (yoga === undefined) response.writeHead(404).end();
    else void yoga(request, response);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  return {
    calls,
    supergraph: composeSubgraphs(subgraphs, taken),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The supergraph of subgraphs that are served at this port. */
export function composeSubgraphs(subgraphs: readonly SuiteSubgraph[], port: number): string {
  const { supergraphSdl, errors } = composeServices(
    subgraphs.map(({ name, typeDefs }) => ({
      name,
      url: `http://127.0.0.1:${port}/${name}`,
      typeDefs: parse(typeDefs),
    })),
  );
  if (supergraphSdl === undefined) throw new AggregateError(errors ?? [], String(errors));
  return supergraphSdl;
}

function fieldsOf(schema: GraphQLSchema, document: DocumentNode): ReadonlySet<string> {
  const fields = new Set<string>();
  const typeInfo = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Field({ name }) {
        fields.add(`${typeInfo.getParentType()?.name}.${name.value}`);
      },
    }),
  );
  return fields;
}
