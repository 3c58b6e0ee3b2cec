import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '#contract/caller.ts';
import type { Clock } from '#contract/clock.ts';

const DAY_MS = 86_400_000;
const HEADER = 'castellan-key-expires';

/** Says in the answers to a key that it ends soon. It belongs to the request, so that nobody else reads it. */
export type ExpiryNotice = (
  caller: Caller,
  request: FastifyRequest,
  reply: FastifyReply | null,
) => void;

/** @param days how long before its end; 0 for never */
export function createExpiryNotice(clock: Clock, days: number): ExpiryNotice {
  return ({ kind, expiresAt }, request, reply) => {
    if (expiresAt === null || kind !== 'key' || expiresAt - clock.now() > days * DAY_MS) return;
    if (days === 0) return;
    const keyExpiresAt = new Date(expiresAt).toISOString();
    request.answerExtensions = { castellan: { keyExpiresAt } };
    reply?.header(HEADER, keyExpiresAt);
  };
}
