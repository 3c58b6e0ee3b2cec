import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * A browser in which an account has been opened before keeps a proof of it. Its tries are counted apart: whoever
 * guesses at somebody's password from elsewhere cannot keep them from signing in where they always do.
 *
 * The proof is a random name and HMAC-SHA-256 of it and the address, in base64url. It opens nothing.
 */
export function proveDevice(email: string, secret: string): string {
  const name = randomBytes(16).toString('base64url');
  return `${name}.${proofOf(name, email, secret).toString('base64url')}`;
}

/** The name of a browser that this account knows, or null. */
export function readDevice(
  text: string | undefined,
  email: string,
  secrets: readonly string[],
): string | null {
  const match = /^([\w-]{22})\.([\w-]{43})$/.exec(text ?? '');
  if (match?.[1] === undefined || match[2] === undefined) return null;
  const name = match[1];
  const proof = Buffer.from(match[2], 'base64url');
  const isKnown = secrets.some((secret) => timingSafeEqual(proof, proofOf(name, email, secret)));
  return isKnown ? name : null;
}

function proofOf(name: string, email: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`device\n${name}\n${email.toLowerCase()}`).digest();
}
