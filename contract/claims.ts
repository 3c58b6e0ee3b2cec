import { anonymousCaller, type Caller } from './caller.ts';
import { CodedError } from './errors.ts';
import { areaOf } from './permissions/area.ts';
import type { Grant, Permissions } from './permissions/grant.ts';
import { encodeGrant, type GrantJson } from './permissions/make-grant.ts';
import { readCombinedGrants } from './permissions/read-grants.ts';
import { permissionsOf, splitPermissions } from './permissions/scope.ts';

/** The header in which a subgraph gets the claims; a client's own header of this name is dropped. */
export const CLAIMS_HEADER = 'castellan-claims';
/** Headers that the gateway sets beside the claims; a client's own are dropped as well. */
export const REQUEST_ID_HEADER = 'castellan-request-id';
export const CLIENT_ADDRESS_HEADER = 'castellan-client-address';
/** The `typ` of the JWT (RFC 8725 §3.11: explicit typing, so that no other token passes for one). */
export const CLAIMS_TYPE = 'castellan-claims+jwt';
export const CLAIMS_ALGORITHM = 'EdDSA';
export const CLAIMS_LIFE_SECONDS = 30;
/** The longest token: with its name, the header stays under 8 KiB, which every server takes. */
export const CLAIMS_MAX_LENGTH = 8_000;
export const CLAIMS_LEEWAY_SECONDS = 5;
/** The issuer that a fleet of gateways has unless CASTELLAN_ISSUER names another. */
export const DEFAULT_ISSUER = 'castellan';

/** What a claims token says of a caller, beside `iss`, `aud` (one subgraph), `iat` and `exp`. */
export interface CallerClaims {
  readonly sub?: string;
  readonly scope: string;
  /** The grants that none of the built-in scopes in `scope` stands for; left out when there are none. */
  readonly grants?: readonly GrantJson[];
  readonly kind: Caller['kind'];
  readonly org?: string;
  readonly project?: string;
  readonly env?: string;
  /** The stage that is meant there where a request names none. */
  readonly stage?: string;
  /** The languages that are meant where a request names none. */
  readonly locales?: readonly string[];
  /** The id of the credential (never its text). */
  readonly cid?: string;
  /** When the credential itself ends, in seconds since the epoch (RFC 7519 NumericDate). */
  readonly cexp?: number;
}

/**
 * The claims of `caller`: for one subgraph with the grants that may concern it, without one with all of them.
 *
 * A grant on another subgraph is nobody else's business; one on a type goes to all, since many may have the
 * type. Absent members are left out, so that an anonymous token stays small.
 */
export function claimsOfCaller(caller: Caller, subgraph?: string): CallerClaims {
  const { scopes, grants } = splitPermissions(caller.permissions);
  const told = subgraph === undefined ? grants : grants.filter((each) => concerns(each, subgraph));
  return {
    kind: caller.kind,
    scope: scopes.join(' '),
    ...(told.length > 0 && { grants: told.map(encodeGrant) }),
    ...(caller.subject !== null && { sub: caller.subject }),
    ...(caller.organization !== null && { org: caller.organization }),
    ...(caller.project !== null && { project: caller.project }),
    ...(caller.environment !== null && { env: caller.environment }),
    ...(caller.defaultStage !== null && { stage: caller.defaultStage }),
    ...(caller.locales !== undefined && { locales: caller.locales }),
    ...(caller.credentialId !== null && { cid: caller.credentialId }),
    ...(caller.expiresAt !== null && { cexp: Math.floor(caller.expiresAt / 1000) }),
  };
}

/**
 * The caller that verified claims speak of, or null when they are not claims of ours.
 *
 * Only for the payload of a token whose signature, type, issuer, audience and time were checked.
 */
export function callerOfClaims(payload: Record<string, unknown>): Caller | null {
  const { kind, sub, org, project, env, stage, locales, cid, cexp } = payload;
  if (kind !== 'anonymous' && kind !== 'session' && kind !== 'key' && kind !== 'jwt') return null;
  const texts = [sub, org, project, env, stage, cid];
  if (!texts.every((value) => value === undefined || typeof value === 'string')) return null;
  if (cexp !== undefined && typeof cexp !== 'number') return null;
  if (locales !== undefined && !isTexts(locales)) return null;
  // A caller who is somebody has to be named.
  if (kind !== 'anonymous' && (typeof sub !== 'string' || sub === '')) return null;
  const permissions = permissionsOfClaims(payload);
  if (permissions === null) return null;
  return Object.freeze({
    ...anonymousCaller,
    kind,
    permissions,
    subject: textOrNull(sub),
    organization: textOrNull(org),
    project: textOrNull(project),
    environment: textOrNull(env),
    defaultStage: textOrNull(stage),
    ...(locales !== undefined && { locales: Object.freeze([...locales]) }),
    credentialId: textOrNull(cid),
    expiresAt: typeof cexp === 'number' ? cexp * 1000 : null,
  });
}

function permissionsOfClaims({ scope, grants = [] }: Record<string, unknown>): Permissions | null {
  if (typeof scope !== 'string') return null;
  try {
    const scopes = scope === '' ? [] : scope.split(' ');
    return permissionsOf(scopes, undefined, readCombinedGrants(grants));
  } catch (error) {
    // Half of somebody's rights would be somebody else: malformed ones make the whole no claims of ours.
    if (error instanceof CodedError) return null;
    throw error;
  }
}

function concerns(grant: Grant, subgraph: string): boolean {
  const area = areaOf(grant);
  return area.subgraph === null || area.subgraph === subgraph;
}

function isTexts(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')
  );
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
