import type { FastifyRequest } from 'fastify';
import { CLIENT_ADDRESS_HEADER } from '#contract/claims.ts';
import type { Attempt } from './attempt.ts';
import type { ServedRoute } from './served-routes.ts';
import { signSession } from './session-signature.ts';

export interface ForwardingOptions {
  readonly baseUrl: string;
  readonly cookieName: string;
  /** What all cookies of ours begin with. */
  readonly cookiePrefix: string;
  readonly secret: string;
  readonly trustsDevices: boolean;
}

/** What is passed on of a request to better-auth: what its route lists, and of the cookies ours alone. */
export function forwardedRequest(
  options: ForwardingOptions,
  route: ServedRoute,
  request: FastifyRequest,
  { body, address }: Attempt,
  shown: { readonly token: string | null; readonly cookies: ReadonlyMap<string, string> },
): Request {
  const { baseUrl } = options;
  const cookie = cookiesFor(options, shown.token, shown.cookies);
  const isPost = route.method === 'POST';
  return new Request(urlFor(route, request, baseUrl), {
    method: route.method,
    headers: {
      // The door has looked at it, by rules that also know clients which are no browsers and send none.
      origin: new URL(baseUrl).origin,
      [CLIENT_ADDRESS_HEADER]: address,
      'user-agent': (request.headers['user-agent'] ?? '').slice(0, 512),
      ...(isPost && { 'content-type': 'application/json' }),
      ...(cookie !== '' && { cookie }),
    },
    body: isPost ? JSON.stringify(passedOn(options, route, body)) : null,
  });
}

/** A session that an older pepper signed goes on with the newest signature. */
function cookiesFor(
  { cookieName, cookiePrefix, secret }: ForwardingOptions,
  token: string | null,
  given: ReadonlyMap<string, string>,
): string {
  const others = [...given]
    .filter(([name]) => name.startsWith(cookiePrefix) && name !== cookieName)
    .map(([name, value]) => `${name}=${value}`);
  const session =
    token === null ? [] : [`${cookieName}=${encodeURIComponent(signSession(token, secret))}`];
  return [...session, ...others].join('; ');
}

function passedOn(
  { trustsDevices }: ForwardingOptions,
  { fields, fixed }: ServedRoute,
  body: Attempt['body'],
): Record<string, unknown> {
  const passed = pick(fields, (name) => body[name]);
  if (!trustsDevices) delete passed.trustDevice;
  return { ...passed, ...fixed };
}

function urlFor({ method, fields }: ServedRoute, request: FastifyRequest, baseUrl: string): URL {
  const given = new URL(request.url, baseUrl);
  const url = new URL(given.pathname, baseUrl);
  if (method === 'POST') return url;
  const query = pick(fields, (name) => given.searchParams.get(name) ?? undefined);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url;
}

function pick(names: readonly string[], read: (name: string) => unknown): Record<string, unknown> {
  const entries = names.map((name) => [name, read(name)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
