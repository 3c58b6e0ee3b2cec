import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type ForwardedResponse,
  isSessionShaped,
  SECURE_SESSION_COOKIE,
  SESSION_COOKIE,
} from '#contract/identity.ts';

/** Sets on the client what identity set. */
export function passCookies(response: ForwardedResponse, reply: FastifyReply): void {
  const cookies = setCookiesOf(response);
  if (cookies.length > 0) reply.header('set-cookie', cookies);
}

/** The session that an answer of identity begins, as a `Cookie` header; null when it begins none. */
export function sessionSetBy(response: ForwardedResponse): string | null {
  const set = setCookiesOf(response).find((cookie) =>
    [SESSION_COOKIE, SECURE_SESSION_COOKIE].some((name) => cookie.startsWith(`${name}=`)),
  );
  return set?.split(';', 1)[0] ?? null;
}

/** A session that came as a bearer token, as a `Cookie` header; null when none did. */
export function bearerCookie({ headers }: FastifyRequest, production: boolean): string | null {
  const token = /^bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (token === undefined) return null;
  const name = production ? SECURE_SESSION_COOKIE : SESSION_COOKIE;
  const isPlain = isSessionShaped(token);
  return `${name}=${isPlain ? encodeURIComponent(token) : token.replaceAll(/[^\w.%-]/g, '')}`;
}

function setCookiesOf({ headers }: ForwardedResponse): string[] {
  return [headers['set-cookie'] ?? []].flat();
}
