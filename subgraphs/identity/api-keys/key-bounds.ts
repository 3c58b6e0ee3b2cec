import { CodedError } from '#contract/errors.ts';
import type { Permissions } from '#contract/permissions/grant.ts';
import type { CustomScopes } from '#contract/permissions/scope.ts';
import type { Actor } from '../actors/read-actor.ts';
import type { IdentityTransaction } from '../database/tables.ts';
import { naming } from '../rights/live-rights.ts';
import { isWithinByName } from '../rights/within-by-name.ts';
import { type RightsColumns, rightsOf } from './api-key-record.ts';
import { type BindingColumns, type Bindings, bindingsOf, unbound } from './bindings.ts';

/** The most that somebody may give to a key: what they have themselves. */
export interface KeyBounds {
  readonly permissions: Permissions;
  /** A person may name scopes of their own as they like; a key passes on only those it carries. */
  readonly namesFreely: boolean;
  /** Milliseconds since the epoch; null for somebody without an end. */
  readonly expiresAt: number | null;
  readonly bindings: Bindings;
}

export const boundColumns = [
  'id',
  'made_by',
  'scopes',
  'grants',
  'expires_at',
  'project_ids',
  'environment_ids',
  'ip_ranges',
] as const;

export type BoundRow = BindingColumns &
  RightsColumns & {
    readonly id: string;
    readonly made_by: string | null;
    readonly expires_at: number | null;
  };

/** What whoever makes a change may give away. */
export async function boundsOfActor(
  transaction: IdentityTransaction,
  { keyId, permissions, expiresAt }: Actor,
): Promise<KeyBounds> {
  if (keyId === null) return { permissions, namesFreely: true, expiresAt: null, bindings: unbound };
  const row = await transaction
    .selectFrom('api_key')
    .select(boundColumns)
    .where('id', '=', keyId)
    .executeTakeFirst();
  if (row === undefined) throw new CodedError('UNAUTHENTICATED');
  return { permissions, namesFreely: false, expiresAt, bindings: bindingsOf(row) };
}

/** What a key may give away. */
export function boundsOfKey(row: BoundRow, custom: CustomScopes): KeyBounds {
  return {
    permissions: rightsOf(row, custom),
    namesFreely: false,
    expiresAt: row.expires_at,
    bindings: bindingsOf(row),
  };
}

/** Whether all that `wanted` has beyond `had` is theirs to give. */
export function givesAway(
  { permissions, namesFreely }: KeyBounds,
  wanted: Permissions,
  custom: CustomScopes,
  had?: Permissions,
): boolean {
  const own = namesFreely ? naming(permissions, wanted) : permissions;
  return isWithinByName(wanted, had === undefined ? own : eitherOf(own, had), custom);
}

/** What one or the other allows. */
export function eitherOf(one: Permissions, other: Permissions): Permissions {
  return {
    scopes: [...one.scopes, ...other.scopes],
    grants: [...one.grants, ...other.grants],
  };
}
