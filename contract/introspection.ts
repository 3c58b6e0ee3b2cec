import type { Caller } from './caller.ts';
import { callerOfClaims, claimsOfCaller } from './claims.ts';
import {
  type EndedKeyStatus,
  endedKeyStatuses,
  type KeyAnswer,
  type Resolution,
} from './identity.ts';

/** The wire form of a resolution: the answer of an RFC 7662 introspection endpoint, with members of our own. */
export type IntrospectionResponse = {
  readonly active: boolean;
  readonly sequence: number;
} & Record<string, unknown>;

export function encodeResolution(resolution: Resolution): IntrospectionResponse {
  if (!resolution.active) {
    const { asOfSequence: sequence, elsewhere } = resolution;
    if (elsewhere === undefined) return { active: false, sequence };
    const { addresses } = elsewhere;
    return { active: false, sequence, elsewhere: true, ...(addresses && { addresses }) };
  }
  const { addresses } = resolution.caller;
  const { cexp, cid, ...claims } = claimsOfCaller(resolution.caller);
  return {
    ...claims,
    active: true,
    sequence: resolution.asOfSequence,
    ...(cexp !== undefined && { exp: cexp }),
    ...(cid !== undefined && { jti: cid }),
    ...(addresses !== undefined && { addresses }),
  };
}

/** The resolution that an introspection answer holds, or null when it is not one of ours. */
export function decodeResolution(body: unknown): Resolution | null {
  if (typeof body !== 'object' || body === null) return null;
  const { active, sequence, exp, jti, addresses, elsewhere, ...claims } = body as Record<
    string,
    unknown
  >;
  if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence)) return null;
  // A restriction that cannot be read must not be lost.
  if (addresses !== undefined && !areTexts(addresses)) return null;
  const restricted = addresses !== undefined && { addresses: Object.freeze([...addresses]) };
  if (active === false) {
    return {
      active: false,
      asOfSequence: sequence,
      ...(elsewhere === true && { elsewhere: Object.freeze({ kind: 'elsewhere', ...restricted }) }),
    };
  }
  if (active !== true) return null;
  const caller = callerOfClaims({ ...claims, cexp: exp, cid: jti });
  if (caller === null) return null;
  // A resolution of a credential is never of nobody, but of anybody in an environment.
  if (caller.kind === 'anonymous' && !isAnybodySomewhere(caller)) return null;
  return {
    active: true,
    caller: Object.freeze({
      ...caller,
      asOfSequence: sequence,
      ...restricted,
    }),
    asOfSequence: sequence,
  };
}

/** The wire form of what is said of a key by its id: that of a resolution, with the status of one that has ended. */
export function encodeKeyAnswer(answer: KeyAnswer): IntrospectionResponse {
  switch (answer.kind) {
    case 'works': {
      const { caller } = answer;
      return encodeResolution({ active: true, caller, asOfSequence: caller.asOfSequence });
    }
    case 'ended':
      return { active: false, sequence: 0, status: answer.status };
    case 'unknown':
      return { active: false, sequence: 0 };
  }
}

/** What such an answer says of this key, or null when it is not one of ours. */
export function decodeKeyAnswer(body: unknown, id: string): KeyAnswer | null {
  const resolution = decodeResolution(body);
  if (resolution === null) return null;
  if (resolution.active) {
    const { caller } = resolution;
    const isIt = caller.kind === 'key' && caller.credentialId === id;
    return isIt ? { kind: 'works', caller } : null;
  }
  const { status } = body as { readonly status?: unknown };
  if (status === undefined) return { kind: 'unknown' };
  return isEnded(status) ? { kind: 'ended', status } : null;
}

function isEnded(status: unknown): status is EndedKeyStatus {
  return (endedKeyStatuses as readonly unknown[]).includes(status);
}

/** Where identity is asked about a key by its id. */
export const KEY_INTROSPECTION_PATH = '/introspect/key';

/** A question about a key by its id, as JSON. */
export interface KeyQuestion {
  readonly id: string;
  readonly asker: Caller;
}

export function encodeKeyQuestion({ id, asker }: KeyQuestion): string {
  return JSON.stringify({ id, asker: claimsOfCaller(asker) });
}

/** The question in the body of a request, or null when it is not one of ours. */
export function decodeKeyQuestion(body: unknown): KeyQuestion | null {
  if (typeof body !== 'object' || body === null) return null;
  const { id, asker } = body as Record<string, unknown>;
  if (typeof id !== 'string' || typeof asker !== 'object' || asker === null) return null;
  const caller = callerOfClaims({ ...asker });
  return caller === null ? null : { id, asker: caller };
}

function isAnybodySomewhere(caller: Caller): boolean {
  const { subject, credentialId, expiresAt, organization, project, environment } = caller;
  const isNobody = subject === null && credentialId === null && expiresAt === null;
  return isNobody && organization !== null && project !== null && environment !== null;
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
