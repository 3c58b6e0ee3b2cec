import type { FastifyRequest } from 'fastify';
import type { Caller } from '#contract/caller.ts';
import { callerBehind } from '#gateway/plugin.ts';
import { placedByRequest } from './asked-environment.ts';
import { type OutsideKind, readCredential } from './credential.ts';
import { countAuthorizations } from './inbound-headers.ts';
import type { Live, LiveCallers } from './live-callers.ts';
import type { PublicEnvironment } from './public-environment.ts';
import type { SessionCookie } from './session-cookie.ts';

interface Subscribing {
  readonly request: FastifyRequest;
  readonly caller: Caller;
}

/** The hook that has a subscription or an answer in parts over HTTP ended when its credential holds no more. */
export function watchSubscription(
  cookie: SessionCookie,
  liveCallers: LiveCallers,
  kindOfOutside: OutsideKind,
  publicEnvironment: PublicEnvironment,
) {
  return (subscription: Live, { request, caller }: Subscribing): void => {
    // The connection that it belongs to is watched, and ends all that is on it.
    if (request.isGraphqlSocket) return;
    const authorizations = countAuthorizations(request.raw.rawHeaders);
    const presented = readCredential(request.headers, authorizations, cookie.name, kindOfOutside);
    const credential =
      presented.kind === 'credential'
        ? placedByRequest(presented.credential, request)
        : presented.kind === 'none' && caller.environment !== null
          ? publicEnvironment(request)
          : null;
    if (credential !== null) liveCallers.watch(subscription, callerBehind(caller), credential);
  };
}
