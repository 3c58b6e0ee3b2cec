import { createHash } from 'node:crypto';
import { ApolloGateway, LocalGraphQLDataSource, RemoteGraphQLDataSource } from '@apollo/gateway';
import { type GraphQLSchema, getOperationAST, parse, validate } from 'graphql';
import type { GraphRequest } from './federation-case.ts';

/** `@apollo/gateway` in front of the same subgraphs. */
export interface Oracle {
  /** The data of its answer, undefined when it refuses the request, a text when it fails. */
  ask(request: GraphRequest): Promise<unknown>;
  close(): Promise<void>;
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Starts the oracle; subgraphs that have a schema here run in its process, the others are called. */
export async function startOracle(
  supergraphSdl: string,
  schemas: ReadonlyMap<string, GraphQLSchema>,
): Promise<Oracle> {
  process.env.APOLLO_TELEMETRY_DISABLED = '1';
  const gateway = new ApolloGateway({
    supergraphSdl,
    logger: silent,
    buildService({ name, url }) {
      const schema = schemas.get(name);
      return schema === undefined
        ? new RemoteGraphQLDataSource(url === undefined ? {} : { url })
        : new LocalGraphQLDataSource(schema);
    },
  });
  let apiSchema: GraphQLSchema | undefined;
  gateway.onSchemaLoadOrUpdate((loaded) => {
    apiSchema = loaded.apiSchema;
  });
  const { executor } = await gateway.load();
  return {
    async ask({ query, variables, operationName }) {
      const document = parse(query);
      if (apiSchema === undefined || validate(apiSchema, document).length > 0) return undefined;
      const answer = executor({
        request: { query, variables, operationName },
        document,
        operation: getOperationAST(document, operationName),
        operationName: operationName ?? null,
        queryHash: createHash('sha256').update(query).digest('hex'),
        context: {},
        metrics: {},
        logger: silent,
      } as never);
      // An operation that it cannot plan is one answer of it; what it says shows where the answers are compared.
      return answer.then(({ data }) => data, String);
    },
    close: () => gateway.stop(),
  };
}
