import type { FastifyBaseLogger } from 'fastify';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { CodedError, type ErrorCode, errors as registry } from '#contract/errors.ts';

/** The body of an answer that holds nothing but errors. */
export interface ErrorBody {
  readonly errors: readonly GraphQLFormattedError[];
}

/**
 * An error of a running operation as a caller may see it.
 *
 * A CodedError keeps its message and code, and so does a GraphQLError that was given a code on purpose.
 * Anything else is logged and answered with a neutral message, without a stack.
 */
export function formatResolverError(
  error: GraphQLError,
  log: FastifyBaseLogger,
): GraphQLFormattedError {
  const { originalError } = error;
  if (originalError instanceof CodedError) return error.toJSON();
  if (typeof error.extensions.code === 'string') return error.toJSON();
  if (isMistakeOfCaller(error)) return withCode(error, codeOfMistake(error));
  logUnexpected(originalError ?? error, log);
  const { message: _, extensions: __, ...place } = error.toJSON();
  const code: ErrorCode = 'INTERNAL_SERVER_ERROR';
  return { message: registry[code].message, ...place, extensions: { code } };
}

/** A request that failed as a whole: the status and the body to answer with. */
export function formatRequestError(
  error: unknown,
  log: FastifyBaseLogger,
): { readonly status: number; readonly body: ErrorBody } {
  if (error instanceof CodedError) {
    const { message, extensions, statusCode, cause } = error;
    if (statusCode >= 500 && cause !== undefined) logUnexpected(cause, log);
    return { status: statusCode, body: { errors: [{ message, extensions }] } };
  }
  const mistakes = mistakesIn(error);
  if (mistakes !== null) {
    return {
      status: 400,
      body: { errors: mistakes.map((mistake) => withCode(mistake, codeOfMistake(mistake))) },
    };
  }
  const code = codeOfStatus(error);
  if (code === 'INTERNAL_SERVER_ERROR') logUnexpected(error, log);
  const { status, message } = registry[code];
  return { status, body: { errors: [{ message, extensions: { code } }] } };
}

/** Mercurius throws what parsing, validation and variables brought to light as one error with a list. */
function mistakesIn(error: unknown): readonly GraphQLError[] | null {
  if (!(error instanceof Error) || !('errors' in error) || !Array.isArray(error.errors))
    return null;
  const list: readonly unknown[] = error.errors;
  const mistakes = list.filter((each) => each instanceof GraphQLError);
  return mistakes.length === 0 || mistakes.length < list.length ? null : mistakes;
}

/** Without a path an operation never began; with one, graphql-js found an argument that does not fit. */
function isMistakeOfCaller(error: GraphQLError): boolean {
  return error.path === undefined || error.message.startsWith('Argument "');
}

function codeOfMistake(error: GraphQLError): ErrorCode {
  const { message } = error;
  if (message.startsWith('Syntax Error')) return 'GRAPHQL_PARSE_FAILED';
  if (message.startsWith('Variable "$') || error.path !== undefined) return 'BAD_USER_INPUT';
  if (/^(Must provide (an )?operation|Unknown operation named)/.test(message)) {
    return 'OPERATION_RESOLUTION_FAILURE';
  }
  return 'GRAPHQL_VALIDATION_FAILED';
}

function withCode(error: GraphQLError, code: ErrorCode): GraphQLFormattedError {
  return { ...error.toJSON(), extensions: { code, ...error.extensions } };
}

function codeOfStatus(error: unknown): ErrorCode {
  const status =
    error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : Number.NaN;
  if (status === 404) return 'NOT_FOUND';
  if (status === 405) return 'METHOD_NOT_ALLOWED';
  if (status === 413) return 'PAYLOAD_TOO_LARGE';
  if (status === 415) return 'UNSUPPORTED_MEDIA_TYPE';
  return status >= 400 && status < 500 ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR';
}

/** Name, message and stack alone: a database driver hangs rows and parameters on its errors. */
function logUnexpected(error: unknown, log: FastifyBaseLogger): void {
  if (!(error instanceof Error)) {
    log.error('something that is no error was thrown');
    return;
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const { name: type, message, stack } = error;
  log.error({ error: { type, code, message, stack } }, 'unexpected error');
}
