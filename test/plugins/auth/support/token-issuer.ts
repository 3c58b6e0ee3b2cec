import {
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  type SignKeyObjectInput,
  sign,
} from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Clock } from '#contract/clock.ts';
import { startIdentityServer } from './identity-server.ts';

type Teardown = Parameters<typeof startIdentityServer>[0];
type Json = Record<string, unknown>;

/** A key of an issuer, and how it signs. */
export interface IssuerKey {
  readonly kid: string;
  readonly alg: 'ES256' | 'RS256' | 'PS256' | 'EdDSA';
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface TokenIssuer {
  /** Its name: the address of its server. */
  readonly issuer: string;
  readonly key: IssuerKey;
  /** What it publishes. */
  published: readonly IssuerKey[];
  /** While set, it answers for the key set. */
  answer: ((response: ServerResponse) => void) | null;
  /** The same for its metadata. */
  metadata: Json | null;
  /** How often the keys were fetched. */
  readonly fetches: number;
  /** Paths that were asked for. */
  readonly paths: string[];
  /** Good claims, changed as a test says; an undefined member is left out. */
  claims(changes?: Json): Json;
  /** A token that is good but for what a test changes. */
  token(changes?: Json, header?: Json, key?: IssuerKey): string;
}

export const AUDIENCE = 'https://api.example.com';

/** A real HTTP server that publishes the keys of an issuer, and the issuer's tokens. */
export async function startTokenIssuer(
  t: Teardown,
  clock: Pick<Clock, 'now'>,
  key: IssuerKey = newKey('ES256', 'first'),
): Promise<TokenIssuer> {
  const paths: string[] = [];
  let fetches = 0;
  const server = await startIdentityServer(t, ({ url }, response) => {
    paths.push(url);
    response.setHeader('content-type', 'application/json');
    if (url === '/keys') {
      fetches += 1;
      if (issuer.answer !== null) issuer.answer(response);
      else response.end(JSON.stringify({ keys: issuer.published.map(jwkOf) }));
      return;
    }
    if (issuer.metadata === null || !url.includes('/.well-known/')) response.statusCode = 404;
    response.end(JSON.stringify(issuer.metadata ?? {}));
  });
  const issuer = {
    issuer: server.url,
    key,
    published: [key] as readonly IssuerKey[],
    answer: null as TokenIssuer['answer'],
    metadata: null as Json | null,
    paths,
    get fetches() {
      return fetches;
    },
    claims(changes: Json = {}): Json {
      const now = Math.floor(clock.now() / 1_000);
      return {
        iss: server.url,
        aud: AUDIENCE,
        sub: 'ann',
        iat: now,
        exp: now + 3_600,
        ...changes,
      };
    },
    token: (changes: Json = {}, header: Json = {}, signer: IssuerKey = key) =>
      signed({ alg: signer.alg, kid: signer.kid, ...header }, issuer.claims(changes), signer),
  };
  return issuer;
}

export function newKey(alg: IssuerKey['alg'], kid: string): IssuerKey {
  const pair =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : alg === 'EdDSA'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return { kid, alg, ...pair };
}

export function jwkOf({ publicKey, kid, alg }: IssuerKey): Json {
  return { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
}

/** Any header and payload, signed with `key` as its kind of key signs, whatever the header says. */
export function signed(header: Json, payload: Json | string, key: IssuerKey): string {
  const input = `${encode(header)}.${encode(payload)}`;
  const how: Record<IssuerKey['alg'], Partial<SignKeyObjectInput> | null> = {
    ES256: { dsaEncoding: 'ieee-p1363' },
    RS256: {},
    PS256: { padding: 6, saltLength: 32 },
    EdDSA: null,
  };
  const options = how[key.alg];
  const hash = options === null ? null : 'sha256';
  const signature = sign(hash, Buffer.from(input), { key: key.privateKey, ...options });
  return `${input}.${signature.toString('base64url')}`;
}

/** The oldest trick: an HMAC whose secret is the public key that everyone knows. */
export function signedByHmac(header: Json, payload: Json, secret: string | Buffer): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

export function encode(value: Json | string): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return Buffer.from(text).toString('base64url');
}
