import type { Grant, Permissions } from '#contract/permissions/grant.ts';
import { intersect } from '#contract/permissions/intersect.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { readStoredGrants } from './custom-scopes.ts';
import { permissionsOfRole, type Role, readRole } from './role.ts';

/** The roles that an organization may let do less. An owner always may do everything, so that somebody can. */
export const narrowable = ['admin', 'member', 'read-only'] as const satisfies readonly Role[];

export type NarrowableRole = (typeof narrowable)[number];

/** What an organization lets its roles do, where that is less than their most. */
export async function readRoleGrants(
  database: IdentityDatabase,
  organization: string,
): Promise<ReadonlyMap<Role, readonly Grant[]>> {
  const rows = await database
    .selectFrom('organization_role_grants')
    .select(['role', 'grants'])
    .where('organization_id', '=', organization)
    .execute();
  const narrowed = new Map<Role, readonly Grant[]>();
  for (const { role: text, grants } of rows) {
    const role = readRole(text);
    if (role !== null) narrowed.set(role, readStoredGrants(grants));
  }
  return narrowed;
}

/**
 * What a role may do where it has these grants: never more than without them. Of an owner they take nothing.
 * @throws CodedError PERMISSIONS_TOO_COMPLEX
 */
export function narrowedRole(role: Role, grants: readonly Grant[] | undefined): Permissions {
  const most = permissionsOfRole[role];
  if (grants === undefined || role === 'owner') return most;
  return intersect(most, { scopes: most.scopes, grants });
}
