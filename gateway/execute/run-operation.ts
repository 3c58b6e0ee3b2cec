import type { GraphQLError } from 'graphql';
import type { Access } from '../access.ts';
import type { Departure } from '../departure.ts';
import type { RequestContext } from '../hooks.ts';
import type { WholeShape } from '../operation/prepare.ts';
import type { SubgraphClient } from '../subgraph-client/subgraph-client.ts';
import { type AnswerError, AnswerErrors } from './answer-errors.ts';
import type { Execution } from './execution.ts';
import type { Projection } from './project.ts';

export interface Run {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly coercedVariables: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
  readonly client: SubgraphClient;
  /** When given, calls are given up when it comes. */
  readonly departure: Departure | undefined;
  readonly access: Access | null;
}

/** Runs an operation and returns the whole answer as JSON text. Errors of subgraphs are part of it. */
export async function runOperation(run: Run, { fetch, project }: WholeShape): Promise<string> {
  const execution: Execution = {
    variables: run.variables,
    coercedVariables: run.coercedVariables,
    context: run.context,
    client: run.client,
    departure: run.departure,
    data: {},
    access: run.access,
    errors: new AnswerErrors(run.access?.denials),
    shared: new Set(),
  };
  await fetch(execution);
  return writeAnswer(execution, project);
}

/** Writes what was fetched, with the errors that hooks have added. */
export function writeAnswer(execution: Execution, project: Projection): string {
  const { data, errors, shared, context } = execution;
  const text = project(data, errors, shared);
  addHookErrors(errors, context);
  return errors.list.length === 0
    ? `{"data":${text}}`
    : `{"data":${text},"errors":${JSON.stringify(errors.list)}}`;
}

/** Adds the errors of hooks, once, and notes the first of all errors as how the operation ended. */
export function addHookErrors(errors: AnswerErrors, context: RequestContext): void {
  for (const error of context.errors ?? []) errors.add(errorOfHook(error));
  context.errors = null;
  const { ending } = context;
  if (ending !== undefined) ending.code ??= codeOf(errors.list[0]);
}

function codeOf(error: AnswerError | undefined): string | null {
  if (error === undefined) return null;
  const code = error.extensions?.code;
  return typeof code === 'string' ? code : 'INTERNAL_SERVER_ERROR';
}

function errorOfHook(error: GraphQLError): AnswerError {
  return {
    message: error.message,
    ...(error.path !== undefined && { path: error.path }),
    extensions: error.extensions,
  };
}
