import type { Permissions } from './permissions/grant.ts';
import { allPermissions, noPermissions } from './permissions/scope.ts';

/**
 * Who is calling, resolved once at the edge and the same for the whole request.
 *
 * `subject` is the user (or service account), `credentialId` the key or session that proved it.
 * `expiresAt` is wall time in milliseconds since the epoch, null when the credential has no end.
 * `asOfSequence` is the identity event up to which this is known to be true.
 * `addresses` are the only networks (CIDR) that the credential may be used from; without them it may be from
 * anywhere. That is for the edge, which knows the client's address: claims do not carry them.
 */
export interface Caller {
  readonly kind: 'anonymous' | 'session' | 'key' | 'jwt';
  readonly subject: string | null;
  readonly organization: string | null;
  readonly project: string | null;
  readonly environment: string | null;
  /** The stage that is meant in this environment where a request names none; null without an environment. */
  readonly defaultStage: string | null;
  /** The languages of contents that are meant where a request names none; left out where any is. */
  readonly locales?: readonly string[];
  readonly permissions: Permissions;
  readonly credentialId: string | null;
  readonly expiresAt: number | null;
  readonly asOfSequence: number;
  readonly addresses?: readonly string[];
}

/** Nobody in particular, with no rights. */
export const anonymousCaller: Caller = Object.freeze({
  kind: 'anonymous',
  subject: null,
  organization: null,
  project: null,
  environment: null,
  defaultStage: null,
  permissions: noPermissions,
  credentialId: null,
  expiresAt: null,
  asOfSequence: 0,
});

/** Nobody in particular, with every right: the caller of a gateway that runs with `--open`. */
export const openCaller: Caller = Object.freeze({
  ...anonymousCaller,
  permissions: allPermissions,
});
