import { randomBytes } from 'node:crypto';
import { encodeBase62 } from './base62.ts';

/**
 * A new identifier of a record: `key_` and 22 base62 digits, 128 random bits.
 * It names a thing and proves nothing; credentials are made in `api-key.ts`.
 */
export function newId(kind: string): string {
  return `${kind}_${encodeBase62(randomBytes(16), 22)}`;
}
