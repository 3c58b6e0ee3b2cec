import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { type AskedContent, callerAsking } from '#gateway/plugin.ts';
import { type Admission, ANONYMOUS, admissionOf } from './admission.ts';
import { isAtAllowedAddress } from './allowed-address.ts';
import { admissionByRequest } from './asked-environment.ts';
import type { CallerCache, Whose } from './caller-cache.ts';
import { type OutsideKind, readCredential } from './credential.ts';
import { countAuthorizations, dropGatewayHeaders } from './inbound-headers.ts';
import type { PublicEnvironment } from './public-environment.ts';
import { type Refusal, refuse } from './refuse.ts';
import type { SessionCookie } from './session-cookie.ts';

/** The same for a place that is not there and for one of others. */
const NO_PLACE: Refusal = Object.freeze({
  code: 'NOT_FOUND',
  message: 'There is no such project or environment that this credential may be used in',
});

/** Told of everybody who is let in; of a WebSocket there is no reply. */
export type OnLetIn = (caller: Caller, request: FastifyRequest, reply: FastifyReply | null) => void;

/**
 * The hook that says who is calling, before anything else of a request is looked at.
 *
 * `request.caller` is set exactly once. A credential that does not hold refuses the request; it never makes
 * the caller anonymous. When the caller is known already, all of it runs without a promise. A WebSocket says who
 * is calling in its first message, which is `admitConnection`'s affair.
 */
export function authenticate(
  callers: CallerCache,
  cookie: SessionCookie,
  kindOfOutside: OutsideKind,
  publicEnvironment: PublicEnvironment,
  onLetIn: OnLetIn,
): onRequestHookHandler {
  return (request, reply, done) => {
    dropGatewayHeaders(request.raw);
    if (request.isGraphqlSocket) {
      done();
      return;
    }
    let content: AskedContent | undefined;
    try {
      content = request.routeOptions.config.content?.(request);
    } catch (error) {
      done(
        error instanceof Error ? error : new TypeError('content of a request was not understood'),
      );
      return;
    }
    const enter = (caller: Caller) => {
      request.caller = content === undefined ? caller : callerAsking(caller, content);
    };
    const admission = decide(request, cookie, kindOfOutside, publicEnvironment);
    if (admission.kind === 'refused') {
      refuse(request, reply, admission.refusal);
      return;
    }
    if (admission.kind === 'anonymous') {
      enter(anonymousCaller);
      done();
      return;
    }
    const letIn = (whose: Whose) => {
      if (admission.kind === 'public') {
        enter(whose === null || whose.kind === 'elsewhere' ? anonymousCaller : whose);
        done();
        return;
      }
      if (whose === null || !isAtAllowedAddress(whose, request.ip)) {
        refuse(request, reply, admission.ifNobodys);
        return;
      }
      if (whose.kind === 'elsewhere') {
        const isByAddress = admission.credential.inProject !== undefined;
        refuse(request, reply, isByAddress ? NO_PLACE : { code: 'FORBIDDEN' });
        return;
      }
      enter(whose);
      onLetIn(whose, request, reply);
      done();
    };
    const whose = callers.callerOf(admission.credential);
    if (!(whose instanceof Promise)) letIn(whose);
    else whose.then(letIn, () => refuse(request, reply, { code: 'IDENTITY_UNAVAILABLE' }));
  };
}

function decide(
  request: FastifyRequest,
  cookie: SessionCookie,
  kindOfOutside: OutsideKind,
  publicEnvironment: PublicEnvironment,
): Admission {
  if (request.is404 || request.routeOptions.config.public === true) return ANONYMOUS;
  const authorizations = countAuthorizations(request.raw.rawHeaders);
  const presented = readCredential(request.headers, authorizations, cookie.name, kindOfOutside);
  const admission = admissionOf(presented, request, cookie, publicEnvironment);
  return admissionByRequest(admission, request);
}
