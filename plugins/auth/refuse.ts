import type { FastifyReply, FastifyRequest } from 'fastify';
import { CodedError, errors } from '#contract/errors.ts';
import { type RefusalCode, refusalBody } from './errors.ts';

/** Why a request is not let in, and what its answer has to say beside the code. */
export interface Refusal {
  readonly code: RefusalCode;
  /** Instead of the usual one of the code. */
  readonly message?: string;
  /** A token was presented and is not a good one (RFC 6750 §3.1). */
  readonly invalidToken?: boolean;
  /** A `Set-Cookie` that takes a dead session off the browser. */
  readonly clearCookie?: string;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const GRAPHQL_TYPE = 'application/graphql-response+json; charset=utf-8';
const RETRY_AFTER_SECONDS = '1';

/** Answers `request` with a refusal, as GraphQL over HTTP. Nothing of the request is repeated in it. */
export function refuse(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): void {
  const { code, message, invalidToken = false, clearCookie } = refusal;
  reply.code(errors[code].status).header('cache-control', 'no-store');
  if (code === 'UNAUTHENTICATED') {
    const reason = invalidToken ? ', error="invalid_token"' : '';
    reply.header('www-authenticate', `Bearer realm="castellan"${reason}`);
  }
  if (code === 'IDENTITY_UNAVAILABLE') reply.header('retry-after', RETRY_AFTER_SECONDS);
  if (clearCookie !== undefined) reply.header('set-cookie', clearCookie);
  if (request.routeOptions.config.ownErrors === true) {
    reply.send(new CodedError(code, message));
    return;
  }
  const type = takesGraphqlResponse(request.headers.accept) ? GRAPHQL_TYPE : JSON_TYPE;
  reply.header('content-type', type).send(refusalBody(code, message));
}

function takesGraphqlResponse(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
    return type === 'application/graphql-response+json' && !isRefused;
  });
}
