import type { onSendHookHandler } from 'fastify';

/** Shorter texts share a packet with their headers, which only a text can. */
const LEAST_LENGTH = 16 * 1024;

/**
 * Turns a long text into bytes before Node puts it behind the headers: it would copy the whole once more to make one
 * text of the two (docs/decisions/0037).
 */
export const sendAsBytes: onSendHookHandler<unknown> = (_request, _reply, payload, done) => {
  const isLong = typeof payload === 'string' && payload.length >= LEAST_LENGTH;
  done(null, isLong ? Buffer.from(payload) : payload);
};
