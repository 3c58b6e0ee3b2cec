import { createHash, randomBytes } from 'node:crypto';
import { encodeBase62 } from '#contract/base62.ts';

/** The secret of an invitation and what is stored of it. It has 256 random bits: a plain hash cannot be reversed. */
export function newInvitationToken(): { readonly token: string; readonly hash: string } {
  const token = `inv_${encodeBase62(randomBytes(32), 43)}`;
  return { token, hash: hashOfToken(token) };
}

/** SHA-256, in hex. */
export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
