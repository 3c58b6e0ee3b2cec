import type { FastifyReply } from 'fastify';
import { errors } from '#contract/errors.ts';
import type { ForwardedResponse } from '#contract/identity.ts';

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

/** The members of an answer of identity; none when it is no JSON object. */
export function bodyOf({ body }: ForwardedResponse): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return isRecord(parsed) ? parsed : {};
  } catch {
    // An empty answer says nothing.
    return {};
  }
}

/** Its own refusals are GraphQL errors, those of the accounts behind it have a message. */
function messageOf({ message, errors: list }: Readonly<Record<string, unknown>>): string {
  const [first]: readonly unknown[] = Array.isArray(list) ? list : [];
  const told = isRecord(first) ? first.message : message;
  // It names its own field first: `[body.email] …`.
  return typeof told === 'string' ? told.replace(/^\[\S+\] /, '') : errors.BAD_REQUEST.message;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
