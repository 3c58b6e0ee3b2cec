import type { GraphQLError } from 'graphql';
import type { RequestContext } from '../hooks.ts';
import type { PreparedOperation } from '../operation/prepare.ts';
import type { SubgraphClient } from '../subgraph-client/subgraph-client.ts';
import { AnswerErrors } from './answer-errors.ts';
import type { JsonObject } from './json.ts';

export interface Run {
  readonly operation: PreparedOperation;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly coercedVariables: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
  readonly client: SubgraphClient;
}

/** Runs a prepared operation and returns the whole answer as JSON text. Errors of subgraphs are part of it. */
export async function runOperation(run: Run): Promise<string> {
  const data: JsonObject = {};
  const errors = new AnswerErrors();
  const shared = new Set<unknown>();
  const known = run.operation.shapeFor(run.coercedVariables);
  const shape = known instanceof Promise ? await known : known;
  await shape.fetch({ ...run, data, errors, shared });
  const text = shape.project(data, errors, shared);
  for (const error of run.context.errors ?? []) errors.add(errorOfHook(error));
  const { ending } = run.context;
  if (ending !== undefined) ending.code = codeOf(errors.list[0]);
  return errors.list.length === 0
    ? `{"data":${text}}`
    : `{"data":${text},"errors":${JSON.stringify(errors.list)}}`;
}

function codeOf(error: AnswerErrors['list'][number] | undefined): string | null {
  if (error === undefined) return null;
  const code = error.extensions?.code;
  return typeof code === 'string' ? code : 'INTERNAL_SERVER_ERROR';
}

function errorOfHook(error: GraphQLError): Parameters<AnswerErrors['add']>[0] {
  return {
    message: error.message,
    ...(error.path !== undefined && { path: error.path }),
    extensions: error.extensions,
  };
}
