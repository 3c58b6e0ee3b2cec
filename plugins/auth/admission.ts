import type { FastifyRequest } from 'fastify';
import type { Credential } from '#contract/identity.ts';
import type { Presented } from './credential.ts';
import { judgeSite } from './cross-site.ts';
import type { PublicEnvironment } from './public-environment.ts';
import type { Refusal } from './refuse.ts';
import type { SessionCookie } from './session-cookie.ts';

/** What can be said of a request before identity is asked. */
export type Admission =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Whoever shows nothing, with what is open to everybody in an environment. */
  | { readonly kind: 'public'; readonly credential: Credential }
  | { readonly kind: 'lookup'; readonly credential: Credential; readonly ifNobodys: Refusal };

export const ANONYMOUS: Admission = Object.freeze({ kind: 'anonymous' });
const BAD_TOKEN: Refusal = Object.freeze({ code: 'UNAUTHENTICATED', invalidToken: true });

/** Whether a request may be let in with what it presents, as far as that can be told without asking identity. */
export function admissionOf(
  presented: Presented,
  request: FastifyRequest,
  cookie: SessionCookie,
  publicEnvironment: PublicEnvironment,
): Admission {
  if (presented.kind === 'none') {
    const credential = publicEnvironment(request);
    return credential === null ? ANONYMOUS : { kind: 'public', credential };
  }
  const staleCookie: Refusal = { code: 'UNAUTHENTICATED', clearCookie: cookie.cleared };
  if (presented.source === 'cookie') {
    // First of all, so that another site's page can neither ask nor sign anyone out.
    const refusal = refusalOfSite(request);
    if (refusal !== null) return { kind: 'refused', refusal };
  }
  if (presented.kind === 'credential') {
    const ifNobodys = presented.source === 'cookie' ? staleCookie : BAD_TOKEN;
    return { kind: 'lookup', credential: presented.credential, ifNobodys };
  }
  if (presented.reason === 'scheme')
    return { kind: 'refused', refusal: { code: 'UNAUTHENTICATED' } };
  if (presented.source === 'authorization') return { kind: 'refused', refusal: BAD_TOKEN };
  // Of two cookies the planted one might survive the clearing and be believed from then on.
  const refusal: Refusal =
    presented.reason === 'ambiguous' ? { code: 'UNAUTHENTICATED' } : staleCookie;
  return { kind: 'refused', refusal };
}

function refusalOfSite(request: FastifyRequest): Refusal | null {
  const { headers } = request;
  const length = headers['content-length'];
  const verdict = judgeSite({
    host: request.host,
    protocol: request.protocol,
    origin: headers.origin,
    fetchSite: textOf(headers['sec-fetch-site']),
    contentType: headers['content-type'],
    hasBody: headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0'),
  });
  if (verdict === 'same-site') return null;
  return { code: verdict === 'cross-site' ? 'CSRF_REJECTED' : 'UNSUPPORTED_MEDIA_TYPE' };
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
