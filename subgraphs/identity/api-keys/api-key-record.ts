import type { Selectable } from 'kysely';
import type { Grant, Permissions } from '#contract/permissions/grant.ts';
import { type KeyType, keyTypeOf } from '#contract/permissions/key-type.ts';
import { encodeGrants } from '#contract/permissions/make-grant.ts';
import { readCombinedGrants } from '#contract/permissions/read-grants.ts';
import {
  type CustomScopes,
  type PermissionName,
  permissionsOf,
  scopeOfPermission,
} from '#contract/permissions/scope.ts';
import type { ApiKeyTable, DisabledReason, OwnerKind } from '../database/key-tables.ts';
import { type Bindings, bindingsOf } from './bindings.ts';

/** An API key as the graph shows it: everything but the key. Times are milliseconds since the epoch. */
export interface ApiKeyRecord extends Bindings {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly type: KeyType;
  readonly permissions: readonly PermissionName[];
  readonly scopes: readonly string[];
  /** What it may do beside its scopes. */
  readonly grants: readonly Grant[];
  readonly ownerId: string;
  readonly ownerKind: OwnerKind;
  readonly organizationId: string | null;
  readonly madeById: string | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly rotatedAt: number | null;
  /** Until when the text before the last rotation works; null when there is none. */
  readonly formerUntil: number | null;
  /** Since when it is out of use, and why; null while it is not. */
  readonly disabledAt: number | null;
  readonly disabledReason: Uppercase<DisabledReason> | null;
}

export type KeyStatus = 'ACTIVE' | 'EXPIRED' | 'REVOKED' | 'DISABLED' | 'QUARANTINED';

/** The columns that a record is made of. The hash is not among them. */
export const recordColumns = [
  'id',
  'name',
  'prefix',
  'type',
  'scopes',
  'grants',
  'owner_id',
  'owner_kind',
  'organization_id',
  'made_by',
  'created_at',
  'expires_at',
  'revoked_at',
  'rotated_at',
  'former_until',
  'disabled_at',
  'disabled_reason',
  'project_ids',
  'environment_ids',
  'ip_ranges',
] as const satisfies readonly (keyof ApiKeyTable)[];

export type RecordRow = Pick<Selectable<ApiKeyTable>, (typeof recordColumns)[number]>;

export function recordOf(row: RecordRow): ApiKeyRecord {
  const scopes = scopesOf(row);
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    type: row.type,
    permissions: permissionNames.filter((name) => scopes.includes(scopeOfPermission[name])),
    scopes,
    grants: grantsOf(row),
    ownerId: row.owner_id,
    ownerKind: row.owner_kind,
    organizationId: row.organization_id,
    madeById: row.made_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    rotatedAt: row.rotated_at,
    formerUntil: row.former_until,
    disabledAt: row.disabled_at,
    disabledReason: row.disabled_reason === null ? null : upperCased(row.disabled_reason),
    ...bindingsOf(row),
  };
}

/** What has become of a key. Whatever ended it first, a revoked one is called so; one that has ended is not out of use. */
export function statusOf(
  record: Pick<ApiKeyRecord, 'revokedAt' | 'expiresAt' | 'disabledReason'>,
  now: number,
): KeyStatus {
  const { revokedAt, expiresAt, disabledReason } = record;
  if (revokedAt !== null) return 'REVOKED';
  if (expiresAt !== null && expiresAt <= now) return 'EXPIRED';
  if (disabledReason === null) return 'ACTIVE';
  return disabledReason === 'UNUSED' ? 'DISABLED' : 'QUARANTINED';
}

function upperCased<Text extends string>(text: Text): Uppercase<Text> {
  return text.toUpperCase() as Uppercase<Text>; // the type of the language's own function forgets it
}

/** The columns that hold what a key may do. */
export interface RightsColumns {
  readonly scopes: string;
  readonly grants: string | null;
}

/**
 * What a key may do, whoever has it, with what the scopes of its organization stand for.
 * @throws CodedError PERMISSIONS_TOO_COMPLEX
 */
export function rightsOf(row: RightsColumns, custom: CustomScopes): Permissions {
  return permissionsOf(scopesOf(row), custom, grantsOf(row));
}

/** The columns for what a key may do, and for what kind that makes it. */
export function rightsColumnsOf(
  scopes: readonly string[],
  grants: readonly Grant[],
  custom: CustomScopes,
): RightsColumns & { readonly type: KeyType } {
  return {
    scopes: scopes.join(' '),
    grants: grants.length === 0 ? null : encodeGrants(grants),
    type: keyTypeOf(permissionsOf(scopes, custom, grants)),
  };
}

/** The names of a key's scopes. */
export function scopesOf(row: { readonly scopes: string }): readonly string[] {
  return row.scopes === '' ? [] : row.scopes.split(' ');
}

function grantsOf({ grants }: RightsColumns): readonly Grant[] {
  return grants === null ? [] : readCombinedGrants(JSON.parse(grants));
}

const permissionNames: readonly PermissionName[] = ['READ', 'WRITE', 'ADMIN'];
