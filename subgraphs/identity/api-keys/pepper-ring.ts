import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { CodedError } from '#contract/errors.ts';

const MIN_PEPPER_BYTES = 32;

/** What a key is stored as: never the key, and nothing that can be tried out without the pepper. */
export interface KeyHash {
  readonly version: string;
  /** HMAC-SHA-256 in hex. */
  readonly hash: string;
}

export interface PepperRing {
  /** The hash under the pepper that writes. */
  hash(key: string): KeyHash;
  /** The hashes under every pepper, the writing one first. */
  hashes(key: string): readonly KeyHash[];
  /** Secrets for another purpose, one of each pepper, in the same order. */
  derive(purpose: string): readonly { readonly version: number; readonly value: string }[];
}

/**
 * The peppers of a deployment: `v2:base64,v1:base64`. The first one writes, all of them read, so that a new
 * one can be put in front without ending a key or a session.
 *
 * @throws CodedError CONFIGURATION_INVALID for anything else, or for fewer than 32 bytes; it names no value
 */
export function createPepperRing(text: string): PepperRing {
  const peppers = text.split(',').map(readPepper);
  const versions = new Set(peppers.map(({ version }) => version));
  if (versions.size !== peppers.length) throw invalid('has a version twice');

  const hashUnder = ({ version, secret }: Pepper, key: string): KeyHash => ({
    version: `v${version}`,
    hash: createHmac('sha256', secret).update(key).digest('hex'),
  });
  const [writing = readPepper('')] = peppers;
  return {
    hash: (key) => hashUnder(writing, key),
    hashes: (key) => peppers.map((pepper) => hashUnder(pepper, key)),
    derive: (purpose) =>
      peppers.map(({ version, secret }) => ({
        version,
        value: Buffer.from(hkdfSync('sha256', secret, '', purpose, 32)).toString('base64url'),
      })),
  };
}

/** Whether two hashes are the same, in a time that does not tell how far they agree. */
export function sameHash(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left, 'hex'), Buffer.from(right, 'hex')];
  return a.length === b.length && timingSafeEqual(a, b);
}

interface Pepper {
  readonly version: number;
  readonly secret: Buffer;
}

function readPepper(text: string): Pepper {
  const match = /^v(\d{1,6}):([0-9A-Za-z+/_-]+={0,2})$/.exec(text.trim());
  if (match === null) throw invalid('must look like "v2:<base64>,v1:<base64>"');
  const secret = Buffer.from(match[2] ?? '', 'base64');
  if (secret.length < MIN_PEPPER_BYTES) {
    throw invalid(`needs at least ${MIN_PEPPER_BYTES} bytes for each version`);
  }
  return { version: Number(match[1]), secret };
}

function invalid(what: string): CodedError {
  return new CodedError('CONFIGURATION_INVALID', `CASTELLAN_PEPPER ${what}`);
}
