import { createHmac, timingSafeEqual } from 'node:crypto';
import { isSessionShaped } from '#contract/identity.ts';

/**
 * The session token inside a signed cookie value, or null when no secret of ours signed it.
 *
 * better-auth keeps the bare token in the database. Whoever can read that must not be able to sign in, so
 * only `token.signature` counts: HMAC-SHA-256 of the token, in base64.
 */
export function readSignedSession(text: string, secrets: readonly string[]): string | null {
  if (!isSessionShaped(text)) return null;
  const split = text.indexOf('.');
  const token = text.slice(0, split);
  const signature = Buffer.from(text.slice(split + 1), 'base64');
  const signed = secrets.some((secret) => {
    const expected = signatureOf(token, secret);
    return expected.length === signature.length && timingSafeEqual(expected, signature);
  });
  return signed ? token : null;
}

/** `token` as a signed cookie value. */
export function signSession(token: string, secret: string): string {
  return `${token}.${signatureOf(token, secret).toString('base64')}`;
}

function signatureOf(token: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(token).digest();
}
