import type { Selectable } from 'kysely';
import { type KeyType, keyTypeOf } from '#contract/permissions/key-type.ts';
import {
  type PermissionName,
  permissionsOf,
  scopeOfPermission,
} from '#contract/permissions/scope.ts';
import type { ApiKeyTable, OwnerKind } from '../database/tables.ts';
import { type Bindings, bindingsOf } from './bindings.ts';

/** An API key as the graph shows it: everything but the key. Times are milliseconds since the epoch. */
export interface ApiKeyRecord extends Bindings {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly type: KeyType;
  readonly permissions: readonly PermissionName[];
  readonly scopes: readonly string[];
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
}

export type KeyStatus = 'ACTIVE' | 'EXPIRED' | 'REVOKED';

/** The columns that a record is made of. The hash is not among them. */
export const recordColumns = [
  'id',
  'name',
  'prefix',
  'type',
  'scopes',
  'owner_id',
  'owner_kind',
  'organization_id',
  'made_by',
  'created_at',
  'expires_at',
  'revoked_at',
  'rotated_at',
  'former_until',
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
    ownerId: row.owner_id,
    ownerKind: row.owner_kind,
    organizationId: row.organization_id,
    madeById: row.made_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    rotatedAt: row.rotated_at,
    formerUntil: row.former_until,
    ...bindingsOf(row),
  };
}

/** What has become of a key. Whatever ended it first, a revoked one is called so. */
export function statusOf(
  { revokedAt, expiresAt }: Pick<ApiKeyRecord, 'revokedAt' | 'expiresAt'>,
  now: number,
): KeyStatus {
  if (revokedAt !== null) return 'REVOKED';
  return expiresAt !== null && expiresAt <= now ? 'EXPIRED' : 'ACTIVE';
}

export function typeOf(scopes: readonly string[]): KeyType {
  return keyTypeOf(permissionsOf(scopes));
}

export function scopesOf(row: { readonly scopes: string }): readonly string[] {
  return row.scopes === '' ? [] : row.scopes.split(' ');
}

const permissionNames: readonly PermissionName[] = ['READ', 'WRITE', 'ADMIN'];
