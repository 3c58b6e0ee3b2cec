import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { CLAIMS_ALGORITHM } from './claims.ts';
import { CodedError } from './errors.ts';

/** A key as others see it (RFC 8037): nothing in it is secret. */
export interface PublicSigningKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
  readonly alg: typeof CLAIMS_ALGORITHM;
  readonly use: 'sig';
}

export interface PublicKeySet {
  readonly keys: readonly PublicSigningKey[];
}

/** The key that signs, and all keys whose signatures are to be believed. */
export interface SigningKeys {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicSet: PublicKeySet;
}

/**
 * The keys of `CASTELLAN_SIGNING_KEY`: a private Ed25519 JWK, or a JWK set of which the first key signs and all are
 * published, so that a key can be replaced while tokens of the old one are about.
 * @throws CodedError CONFIGURATION_INVALID saying what is wrong, without a character of the key
 */
export function readSigningKeys(json: string): SigningKeys {
  const jwks = jwksOf(parseJson(json));
  const privateKey = readPrivateKey(jwks[0]);
  const keys = jwks.map(readPublicKey);
  const [first] = keys;
  if (first === undefined) throw configurationInvalid('the signing key set is empty');
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) {
    throw configurationInvalid('two signing keys have the same kid');
  }
  return Object.freeze({
    kid: first.kid,
    privateKey,
    publicSet: Object.freeze({ keys: Object.freeze(keys) }),
  });
}

/**
 * The public part of a signing key, as `/.well-known/jwks.json` shows it.
 * @throws CodedError CONFIGURATION_INVALID as `readSigningKeys`
 */
export function publicKeySet(signingKeyJson: string): PublicKeySet {
  return readSigningKeys(signingKeyJson).publicSet;
}

/** A new private Ed25519 JWK as JSON text, named by its thumbprint. Keep it where secrets are kept. */
export function createSigningKey(): string {
  const { d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const jwk = { kty: 'OKP', crv: 'Ed25519', d };
  return JSON.stringify({ ...readPublicKey(jwk), d });
}

type Jwk = Readonly<Record<string, unknown>>;

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // The parser's own message quotes the text, and the text is the key.
    throw configurationInvalid('CASTELLAN_SIGNING_KEY is not JSON');
  }
}

function jwksOf(value: unknown): readonly Jwk[] {
  const list = isObject(value) && 'keys' in value ? value.keys : [value];
  if (!Array.isArray(list) || !list.every(isObject)) {
    throw configurationInvalid('CASTELLAN_SIGNING_KEY is neither a JWK nor a JWK set');
  }
  for (const { kty, crv } of list) {
    if (kty !== 'OKP' || crv !== 'Ed25519') {
      throw configurationInvalid('a signing key must be a JWK with kty OKP and crv Ed25519');
    }
  }
  return list;
}

function readPrivateKey(jwk: Jwk | undefined): KeyObject {
  if (jwk === undefined) throw configurationInvalid('the signing key set is empty');
  const { d } = jwk;
  if (typeof d !== 'string')
    throw configurationInvalid('a signing key has no private part (the first one has to sign)');
  try {
    // Node wants some x beside d, and believes d.
    const x = typeof jwk.x === 'string' ? jwk.x : d;
    return createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d, x }, format: 'jwk' });
  } catch {
    throw configurationInvalid('the private part of a signing key is not an Ed25519 key');
  }
}

function readPublicKey(jwk: Jwk): PublicSigningKey {
  const x = publicPartOf(jwk);
  const { kid = thumbprint(x) } = jwk;
  if (typeof kid !== 'string' || kid === '' || kid.length > 200) {
    throw configurationInvalid('the kid of a signing key must be a text of 1 to 200 characters');
  }
  return Object.freeze({ kty: 'OKP', crv: 'Ed25519', x, kid, alg: CLAIMS_ALGORITHM, use: 'sig' });
}

function publicPartOf(jwk: Jwk): string {
  const { x: given } = jwk;
  const derived = 'd' in jwk ? publicJwk(createPublicKey(readPrivateKey(jwk))) : null;
  if (derived !== null) {
    if (given !== undefined && given !== derived) {
      throw configurationInvalid('x and d of a signing key do not belong together');
    }
    return derived;
  }
  try {
    const key = { kty: 'OKP', crv: 'Ed25519', x: String(given) };
    return publicJwk(createPublicKey({ key, format: 'jwk' }));
  } catch {
    throw configurationInvalid('the public part of a signing key is not an Ed25519 key');
  }
}

function publicJwk(key: KeyObject): string {
  return String(key.export({ format: 'jwk' }).x);
}

/** RFC 7638: SHA-256 over the required members, in this order. */
function thumbprint(x: string): string {
  return createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function configurationInvalid(problem: string): CodedError {
  return new CodedError('CONFIGURATION_INVALID', problem);
}
