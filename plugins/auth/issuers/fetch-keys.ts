import type { JSONWebKeySet } from 'jose';
import type { Dispatcher } from 'undici';
import { fetchJson } from './fetch-json.ts';
import type { Issuer } from './issuer-options.ts';
import { permittedUrl } from './permitted-url.ts';

const MAX_BYTES = 256 * 1_024;
const MAX_KEYS = 100;

/**
 * The keys that an issuer publishes (RFC 7517), at `jwksUrl` or where its metadata says.
 * @throws Error saying what was wrong with the answers
 */
export async function fetchKeys(
  dispatcher: Dispatcher,
  { issuer, jwksUrl }: Pick<Issuer, 'issuer' | 'jwksUrl'>,
  timeoutMs: number,
): Promise<JSONWebKeySet> {
  // One for all requests: discovery gets no time of its own.
  const get = {
    method: 'GET',
    maxBytes: MAX_BYTES,
    signal: AbortSignal.timeout(timeoutMs),
  } as const;

  async function discover(): Promise<URL> {
    let failure: unknown;
    for (const place of metadataPlaces(issuer)) {
      try {
        const metadata = await fetchJson(dispatcher, place, get);
        return keysPlaceOf(metadata, issuer);
      } catch (error) {
        failure ??= error;
      }
    }
    throw failure;
  }

  const place = jwksUrl === undefined ? await discover() : new URL(jwksUrl);
  const { keys } = await fetchJson(dispatcher, place, get);
  if (!Array.isArray(keys) || keys.length > MAX_KEYS || !keys.every(isObject)) {
    throw new Error(`${place.origin}${place.pathname} answered with something else than a JWK set`);
  }
  return { keys };
}

/** OpenID Connect Discovery §4 puts its name behind the issuer, RFC 8414 §3.1 before the issuer's path. */
function metadataPlaces(issuer: string): readonly URL[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    new URL(`${origin}${path}/.well-known/openid-configuration`),
    new URL(`${origin}/.well-known/oauth-authorization-server${path}`),
  ];
}

function keysPlaceOf(metadata: Readonly<Record<string, unknown>>, issuer: string): URL {
  // RFC 8414 §3.3: metadata of another issuer must not be used.
  if (metadata.issuer !== issuer) throw new Error(`the metadata of ${issuer} name another issuer`);
  const place = permittedUrl(metadata.jwks_uri);
  if (place === null || (place.protocol === 'http:' && issuer.startsWith('https:'))) {
    throw new Error(`the metadata of ${issuer} have no jwks_uri that can be used`);
  }
  return place;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
