import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import type { Credential } from '#contract/identity.ts';
import type { CallerCache } from './caller-cache.ts';
import { readCredential } from './credential.ts';
import { judgeSite } from './cross-site.ts';
import { countAuthorizations, dropGatewayHeaders } from './inbound-headers.ts';
import { type Refusal, refuse } from './refuse.ts';
import type { SessionCookie } from './session-cookie.ts';

/**
 * The hook that says who is calling, before anything else of a request is looked at.
 *
 * `request.caller` is set exactly once. A credential that does not hold refuses the request; it never makes
 * the caller anonymous. When the caller is known already, all of it runs without a promise.
 */
export function authenticate(callers: CallerCache, cookie: SessionCookie): onRequestHookHandler {
  return (request, reply, done) => {
    dropGatewayHeaders(request.raw);
    const admission = decide(request, cookie);
    if (admission.kind === 'refused') {
      refuse(request, reply, admission.refusal);
      return;
    }
    if (admission.kind === 'anonymous') {
      request.caller = anonymousCaller;
      done();
      return;
    }
    const letIn = (caller: Caller | null) => {
      if (caller === null) {
        refuse(request, reply, admission.ifNobodys);
        return;
      }
      request.caller = caller;
      done();
    };
    const caller = callers.callerOf(admission.credential);
    if (!(caller instanceof Promise)) letIn(caller);
    else caller.then(letIn, () => refuse(request, reply, { code: 'IDENTITY_UNAVAILABLE' }));
  };
}

/** What can be said of a request before identity is asked. */
type Admission =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'lookup'; readonly credential: Credential; readonly ifNobodys: Refusal };

const ANONYMOUS: Admission = Object.freeze({ kind: 'anonymous' });
const BAD_TOKEN: Refusal = Object.freeze({ code: 'UNAUTHENTICATED', invalidToken: true });

function decide(request: FastifyRequest, cookie: SessionCookie): Admission {
  if (request.is404 || request.routeOptions.config.public === true) return ANONYMOUS;
  const { headers } = request;
  const authorizations = countAuthorizations(request.raw.rawHeaders);
  const presented = readCredential(headers, authorizations, cookie.name);
  if (presented.kind === 'none') return ANONYMOUS;
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
