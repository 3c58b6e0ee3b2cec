import type { GraphQLError } from 'graphql';
import type { Access } from '../access.ts';
import type { Departure } from '../departure.ts';
import type { RequestContext } from '../hooks.ts';
import type { WholeShape } from '../operation/prepare.ts';
import type { SubgraphClient } from '../subgraph-client/subgraph-client.ts';
import { type AnswerError, AnswerErrors } from './answer-errors.ts';
import type { Execution } from './execution.ts';
import type { JsonObject } from './json.ts';
import type { Projection } from './project.ts';
import type { Turns } from './turns.ts';

export interface Run {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly coercedVariables: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
  readonly client: SubgraphClient;
  /** When given, calls are given up when it comes. */
  readonly departure: Departure | undefined;
  readonly access: Access | null;
}

/**
 * An answer in one piece. Its text can be taken once and is let go of then: promises that were waited for it are older
 * than it is, and would keep it alive until the next collection of all garbage (docs/decisions/0023).
 */
export class WholeAnswer {
  readonly kind = 'whole';
  #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The answer as JSON text. */
  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }
}

/** How long the last answer of an operation was: the next one will be much the same. */
const lastLengths = new WeakMap<WholeShape, number>();

/** Runs an operation when it is its turn. Errors of subgraphs are part of the answer. */
export async function runOperation(
  run: Run,
  shape: WholeShape,
  turns: Turns,
): Promise<WholeAnswer> {
  const shared = new Set<unknown>();
  const execution = {
    variables: run.variables,
    coercedVariables: run.coercedVariables,
    context: run.context,
    client: run.client,
    departure: run.departure,
    data: {} as JsonObject,
    access: run.access,
    errors: new AnswerErrors(run.access?.denials),
    shared,
  };
  await turns.run(lastLengths.get(shape) ?? 0, () => shape.fetch(execution));
  const text = writeAnswer(execution, shape.project);
  lastLengths.set(shape, text.length);
  // Let go of as the text is.
  execution.data = {};
  shared.clear();
  return new WholeAnswer(text);
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
