import { invalidArgument } from '../api-keys/invalid-argument.ts';

const DIGEST_BYTES = 32;

/**
 * A SHA-256 as hex, or as base64 in either alphabet with or without its padding, as lower-case hex.
 * @throws CodedError BAD_USER_INPUT naming `hash`; it repeats nothing of it
 */
export function readDigest(text: string): string {
  if (/^[0-9A-Fa-f]{64}$/.test(text)) return text.toLowerCase();
  if (/^[0-9A-Za-z+/_-]{43}=?$/.test(text)) {
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length === DIGEST_BYTES) return bytes.toString('hex');
  }
  throw invalidArgument('hash', '"hash" is the SHA-256 of a key, as hex or base64');
}
