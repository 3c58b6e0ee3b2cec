import type { FastifyRequest } from 'fastify';

/**
 * Whether a request may have been meant by the site that it reached, and not by another one in the same
 * browser. Browsers say it in `Sec-Fetch-Site`, or name the `Origin`; a client that sends neither is none.
 */
export function isSameSite(request: FastifyRequest, trustedOrigins: readonly string[]): boolean {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (origin !== undefined && trustedOrigins.includes(origin)) return true;
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
