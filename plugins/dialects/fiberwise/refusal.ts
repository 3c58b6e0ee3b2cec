import type { FastifyReply } from 'fastify';
import { errors } from '#contract/errors.ts';
import type { ForwardedResponse } from '#contract/identity.ts';
import { bodyOf, isRecord } from '../kit/identity-refusal.ts';

/** Answers with why identity refused a sign-up, sign-in or sign-out. */
export function sendRefusal(reply: FastifyReply, response: ForwardedResponse): FastifyReply {
  if (response.status >= 500) {
    return reply
      .code(503)
      .header('retry-after', 1)
      .send({ detail: errors.IDENTITY_UNAVAILABLE.message });
  }
  const retryAfter = response.headers['retry-after'];
  if (typeof retryAfter === 'string') reply.header('retry-after', retryAfter);
  // It says 422 of what cannot be used, such as an address that is taken.
  return reply.code(response.status === 422 ? 400 : response.status).send({
    detail: messageOf(bodyOf(response)),
  });
}

/** Its own refusals are GraphQL errors, those of the accounts behind it have a message. */
function messageOf({ message, errors: list }: Readonly<Record<string, unknown>>): string {
  const [first]: readonly unknown[] = Array.isArray(list) ? list : [];
  const told = isRecord(first) ? first.message : message;
  // It names its own field first: `[body.email] …`.
  return typeof told === 'string' ? told.replace(/^\[\S+\] /, '') : errors.BAD_REQUEST.message;
}
