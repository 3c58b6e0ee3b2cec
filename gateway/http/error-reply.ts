import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { CodedError, type ErrorCode, errors as registry } from '#contract/errors.ts';
import type { AnswerError } from '../execute/answer-errors.ts';
import { RequestError } from '../operation/request-error.ts';
import { acceptOf } from './accept.ts';
import { eventStreamHeaders, writeEvents } from './event-stream.ts';

/** Codes of a request that was well formed as HTTP and JSON, and wrong as GraphQL. */
const graphqlCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'OPERATION_TOO_LARGE',
  'OPERATION_UNPLANNABLE',
  'BAD_USER_INPUT',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'PERSISTED_QUERY_MISMATCH',
]);

/** What Fastify and Mercurius call the mistakes that have a code of ours. */
const codeOfFramework: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
};

/**
 * Answers a request that failed as a whole, in the shape of GraphQL errors.
 *
 * A GraphQL mistake asked for as application/json keeps status 200 (GraphQL over HTTP, §6.4.1); everything
 * else, and application/graphql-response+json always, has the status of its code. In an event stream a GraphQL
 * mistake is an event, since clients read no body beside it.
 */
export function replyWithError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const known = knownErrorOf(error);
  if (isClientGone(error, reply)) request.log.debug('a client left before its answer began');
  else if (known.code === 'INTERNAL_SERVER_ERROR') {
    request.log.error({ err: error }, 'a request failed');
  }
  // Only PUT and its like have said it already.
  if (known.statusCode === 405 && !reply.hasHeader('allow')) reply.header('allow', 'POST');
  if (known.statusCode === 401 && !reply.hasHeader('www-authenticate')) {
    reply.header('www-authenticate', 'Bearer realm="castellan"');
  }
  if (known.statusCode === 503) reply.header('retry-after', 1);
  const { json, whole } = acceptOf(request);
  if (whole === 'text/event-stream' && graphqlCodes.has(known.code)) {
    const events = writeEvents([JSON.stringify({ errors: errorsOf(known) })]);
    reply.code(200).headers(eventStreamHeaders).send(events);
    return;
  }
  const mediaType = json ?? 'application/json';
  const isTold = mediaType === 'application/json' && graphqlCodes.has(known.code);
  reply
    .code(isTold ? 200 : known.statusCode)
    .type(`${mediaType}; charset=utf-8`)
    .send(JSON.stringify({ errors: errorsOf(known) }));
}

/** Whether what failed is a stream that ended because nobody is there to read it. */
function isClientGone(error: unknown, { raw }: FastifyReply): boolean {
  return raw.destroyed && error instanceof Error && codeIn(error) === 'ERR_STREAM_PREMATURE_CLOSE';
}

function codeIn(error: Error): unknown {
  return 'code' in error ? error.code : undefined;
}

/** The errors of an answer that holds nothing else. */
export function errorsOf(error: CodedError): readonly AnswerError[] {
  if (error instanceof RequestError) return error.errors;
  return [{ message: error.message, extensions: error.extensions }];
}

/** Any error as one that a client may see; what is not ours is told without its text. */
export function knownErrorOf(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  if (!(error instanceof Error)) return new CodedError('INTERNAL_SERVER_ERROR');
  const { statusCode = 500, code: frameworkCode = '' } = error as Partial<FastifyError>;
  const code = codeOfFramework[frameworkCode];
  if (code !== undefined) return new CodedError(code, error.message, { cause: error });
  if (statusCode >= 400 && statusCode < 500) {
    return new CodedError('BAD_REQUEST', badRequestMessage(error), { cause: error });
  }
  return new CodedError('INTERNAL_SERVER_ERROR', undefined, { cause: error });
}

function badRequestMessage(error: Error): string {
  const { code, errors } = error as Error & { code?: string; errors?: readonly Error[] };
  // Mercurius' name for a request without a query.
  if (code === 'MER_ERR_GQL_PERSISTED_QUERY_NOT_FOUND') return 'The request has no query';
  if (code === 'MER_ERR_GQL_VALIDATION' && errors?.[0] !== undefined) return errors[0].message;
  return error.message === '' ? registry.BAD_REQUEST.message : error.message;
}
