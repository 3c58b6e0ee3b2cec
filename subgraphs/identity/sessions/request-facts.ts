import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { CLIENT_ADDRESS_HEADER, REQUEST_ID_HEADER } from '#contract/claims.ts';
import { holdsSecret } from '../introspection/holds-secret.ts';
import { readSignedSession } from './session-signature.ts';

/** Who is slowed down when too many sign-ins fail: everybody behind a gateway is somebody else. */
export function clientAddressOf(request: FastifyRequest, secret: string | undefined): string {
  const address = request.headers[CLIENT_ADDRESS_HEADER];
  if (secret === undefined || typeof address !== 'string') return request.ip;
  return isIP(address) !== 0 && holdsSecret(request, secret) ? address : request.ip;
}

/** The gateway's number of the request, if a gateway it is. */
export function requestIdOf(request: FastifyRequest, secret: string | undefined): string {
  const given = request.headers[REQUEST_ID_HEADER];
  const isTrue = secret !== undefined && typeof given === 'string' && holdsSecret(request, secret);
  return isTrue ? given.slice(0, 128) : request.id;
}

/** The values of a `Cookie` header by name; the first of a name counts (RFC 6265 §5.4). */
export function cookiesOf(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (header ?? '').split(';')) {
    const split = pair.indexOf('=');
    const name = pair.slice(0, split).trim();
    if (split > 0 && !cookies.has(name)) cookies.set(name, pair.slice(split + 1).trim());
  }
  return cookies;
}

/** A cookie's value as it was before it was percent-encoded; undefined when it is none of ours. */
export function cookieValue(value: string | undefined): string | undefined {
  try {
    return value === undefined ? undefined : decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

export function sessionTokenOf(
  value: string | undefined,
  secrets: readonly string[],
): string | null {
  const text = cookieValue(value);
  return text === undefined ? null : readSignedSession(text, secrets);
}
