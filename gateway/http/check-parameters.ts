import type { preValidationHookHandler } from 'fastify';
import { CodedError } from '#contract/errors.ts';

/**
 * Refuses a request whose parameters have the wrong types (GraphQL over HTTP, §6.1), which Fastify's own
 * validation would turn into the right ones: `{"query": 7}` is not the query "7". What is null is left out.
 * @throws CodedError BAD_REQUEST, UNSUPPORTED_MEDIA_TYPE
 */
export const checkParameters: preValidationHookHandler = ({ body }, _reply, done) => {
  // The one type besides JSON that Fastify reads by itself, and that any page can send without asking.
  if (typeof body === 'string') throw new CodedError('UNSUPPORTED_MEDIA_TYPE');
  if (Array.isArray(body)) body.forEach(check);
  else if (body !== undefined) check(body);
  done();
};

function check(body: unknown): void {
  if (!isObject(body))
    throw new CodedError('BAD_REQUEST', 'The request body must be a JSON object');
  for (const name of ['query', 'operationName'] as const) {
    if (body[name] === null) delete body[name];
    else if (body[name] !== undefined && typeof body[name] !== 'string') {
      throw new CodedError('BAD_REQUEST', `"${name}" must be a string`);
    }
  }
  for (const name of ['variables', 'extensions'] as const) {
    if (body[name] === null) delete body[name];
    else if (body[name] !== undefined && !isObject(body[name])) {
      throw new CodedError('BAD_REQUEST', `"${name}" must be a JSON object`);
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
