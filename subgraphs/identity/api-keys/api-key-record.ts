import type { Selectable } from 'kysely';
import { type KeyType, keyTypeOf } from '#contract/permissions/key-type.ts';
import {
  type PermissionName,
  permissionsOf,
  scopeOfPermission,
} from '#contract/permissions/scope.ts';
import type { ApiKeyTable } from '../database/tables.ts';

/** An API key as the graph shows it: everything but the key. Times are milliseconds since the epoch. */
export interface ApiKeyRecord {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly type: KeyType;
  readonly permissions: readonly PermissionName[];
  readonly scopes: readonly string[];
  readonly ownerId: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

/** The columns that a record is made of. The hash is not among them. */
export const recordColumns = [
  'id',
  'name',
  'prefix',
  'scopes',
  'owner_id',
  'created_at',
  'expires_at',
  'revoked_at',
] as const satisfies readonly (keyof ApiKeyTable)[];

export type RecordRow = Pick<Selectable<ApiKeyTable>, (typeof recordColumns)[number]>;

export function recordOf(row: RecordRow): ApiKeyRecord {
  const scopes = scopesOf(row);
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    type: keyTypeOf(permissionsOf(scopes)),
    permissions: permissionNames.filter((name) => scopes.includes(scopeOfPermission[name])),
    scopes,
    ownerId: row.owner_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  };
}

export function scopesOf(row: { readonly scopes: string }): readonly string[] {
  return row.scopes === '' ? [] : row.scopes.split(' ');
}

const permissionNames: readonly PermissionName[] = ['READ', 'WRITE', 'ADMIN'];
