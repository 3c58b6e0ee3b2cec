import type { FastifyRequest } from 'fastify';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { CodedError } from '#contract/errors.ts';
import { ENVIRONMENT_HEADER } from '#contract/identity.ts';
import { admissionOf } from './admission.ts';
import { isAtAllowedAddress } from './allowed-address.ts';
import { askedEnvironment, askedInHeaders, placedAdmission } from './asked-environment.ts';
import type { OnLetIn } from './authenticate.ts';
import type { CallerCache } from './caller-cache.ts';
import { type OutsideKind, type Presented, readCredential } from './credential.ts';
import { countAuthorizations } from './inbound-headers.ts';
import type { Live, LiveCallers } from './live-callers.ts';
import type { PublicEnvironment } from './public-environment.ts';
import type { SessionCookie } from './session-cookie.ts';

/**
 * The hook that says whose a WebSocket connection is, and has it ended when that holds no more.
 *
 * A credential in the payload beats the cookie of the upgrade, also when it is wrong. Nothing else of the payload
 * is believed but the environment that is asked for, and it never becomes a header.
 */
export function admitConnection(
  callers: CallerCache,
  cookie: SessionCookie,
  liveCallers: LiveCallers,
  kindOfOutside: OutsideKind,
  publicEnvironment: PublicEnvironment,
  onLetIn: OnLetIn,
) {
  return async (
    connection: Live,
    payload: Readonly<Record<string, unknown>>,
    request: FastifyRequest,
  ): Promise<Caller> => {
    const presented = readPresented(payload, request, cookie.name, kindOfOutside);
    const admission = placedAdmission(
      admissionOf(presented, request, cookie, publicEnvironment),
      askedIn(payload, request),
    );
    if (admission.kind === 'refused') throw new CodedError(admission.refusal.code);
    if (admission.kind === 'anonymous') return anonymousCaller;
    const whose = await callers.callerOf(admission.credential);
    if (admission.kind === 'public') {
      if (whose === null || whose.kind === 'elsewhere') return anonymousCaller;
      liveCallers.watch(connection, whose, admission.credential);
      return whose;
    }
    if (whose === null || !isAtAllowedAddress(whose, request.ip)) {
      throw new CodedError(admission.ifNobodys.code);
    }
    if (whose.kind === 'elsewhere') throw new CodedError('FORBIDDEN');
    liveCallers.watch(connection, whose, admission.credential);
    onLetIn(whose, request, null);
    return whose;
  };
}

function readPresented(
  payload: Readonly<Record<string, unknown>>,
  { headers, raw }: FastifyRequest,
  cookieName: string,
  kindOfOutside: OutsideKind,
): Presented {
  const inHeaders = countAuthorizations(raw.rawHeaders);
  const [inPayload, ...more] = membersNamed('authorization', payload);
  if (inPayload === undefined) {
    return readCredential(headers, inHeaders, cookieName, kindOfOutside);
  }
  // Whoever gives several leaves it open as whom they come.
  const count = 1 + more.length + inHeaders;
  // What is no text cannot be a credential; a header of no scheme is not one either.
  const authorization = typeof inPayload === 'string' ? inPayload : '';
  return readCredential({ authorization }, count, cookieName, kindOfOutside);
}

/** What the payload asks for, else the upgrade; whoever names several asks for none that there is. */
function askedIn(
  payload: Readonly<Record<string, unknown>>,
  { headers }: FastifyRequest,
): string | undefined {
  const given = membersNamed(ENVIRONMENT_HEADER, payload);
  if (given.length === 0) return askedInHeaders(headers);
  return askedEnvironment(given.length === 1 ? given[0] : given);
}

/** `{ "Authorization": … }`, in any case, or the same under `headers`, as clients send either. */
function membersNamed(wanted: string, payload: Readonly<Record<string, unknown>>): unknown[] {
  const found: unknown[] = [];
  for (const [name, value] of Object.entries(payload)) {
    const lowerCased = name.toLowerCase();
    if (lowerCased === wanted) found.push(value);
    else if (lowerCased === 'headers' && typeof value === 'object' && value !== null) {
      for (const [header, each] of Object.entries(value)) {
        if (header.toLowerCase() === wanted) found.push(each);
      }
    }
  }
  // Clients without a token send null.
  return found.filter((value) => value !== null && value !== undefined);
}
