import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { CodedError, ErrorCode } from '#contract/errors.ts';
import { isSessionShaped } from '#contract/identity.ts';

export const errorSchema = Type.Object({
  detail: Type.String({ description: 'What went wrong' }),
});

/** Why nothing came of a request, for its schema. */
export const refusals = { '4xx': errorSchema, '5xx': errorSchema };

/** An error as clients of Fiberwise know it: a status, and `detail`. */
export function describeError({ code, message, statusCode }: CodedError, request: FastifyRequest) {
  const detail = code === 'UNAUTHENTICATED' ? whyNobody(request) : (details[code] ?? message);
  return { status: statusCode, body: { detail } };
}

const details: Partial<Record<ErrorCode, string>> = {
  FORBIDDEN: 'Insufficient permissions for this operation',
  NOT_FOUND: 'Not Found',
};

/** A key that is none is told apart from a session that is over, and from no credential at all. */
function whyNobody({ headers }: FastifyRequest): string {
  const { authorization } = headers;
  if (authorization === undefined) return 'Authentication required';
  const token = authorization.replace(/^\S+ /, '');
  const isSession = isSessionShaped(token.includes('%') ? decoded(token) : token);
  return isSession ? 'Authentication required' : 'Invalid API key';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoding, so not a session either.
    return '';
  }
}
