import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { encodeBase62, encodeBase62Number } from './base62.ts';

const SECRET_DIGITS = 43;
const CHECKSUM_DIGITS = 6;
const DISPLAYED_SECRET_DIGITS = 4;

/** The brand that keys carry unless a deployment chooses its own. */
export const DEFAULT_BRAND = 'cst';

/**
 * A new API key: `<brand>_<class>_` + 43 base62 digits (256 random bits) + 6 base62 digits of CRC-32.
 *
 * The class (`live`, `test`) is a label for people and secret scanners; rights come from the record.
 * @throws TypeError when brand or class is not `[a-z0-9]+`
 */
export function createApiKey(keyClass: string, brand: string = DEFAULT_BRAND): string {
  if (!/^[a-z0-9]+$/.test(keyClass) || !/^[a-z0-9]+$/.test(brand)) {
    throw new TypeError('brand and class of an API key are lower-case letters and digits');
  }
  const body = `${brand}_${keyClass}_${encodeBase62(randomBytes(32), SECRET_DIGITS)}`;
  return body + checksum(body);
}

/**
 * Whether `text` is shaped like a key of ours, checksum included. Any brand will do: only identity has to know
 * which one a deployment chose, and keys outlive another choice.
 *
 * It costs no I/O and proves nothing: anyone can compute a checksum. It only lets garbage be refused early.
 */
export function isApiKeyShaped(text: string): boolean {
  if (text.length > 256) return false;
  const match = /^[a-z0-9]+_[a-z0-9]+_[0-9A-Za-z]{49}$/.exec(text);
  if (match === null) return false;
  const split = text.length - CHECKSUM_DIGITS;
  return checksum(text.slice(0, split)) === text.slice(split);
}

/** The class of the key that this display prefix is of. */
export function keyClassOf(prefix: string): string {
  return prefix.split('_')[1] ?? '';
}

/** What may be shown of a key after its creation: `cst_live_` and the first four digits. */
export function displayPrefix(key: string): string {
  return key.slice(0, key.lastIndexOf('_') + 1 + DISPLAYED_SECRET_DIGITS);
}

function checksum(body: string): string {
  return encodeBase62Number(crc32(body), CHECKSUM_DIGITS);
}
