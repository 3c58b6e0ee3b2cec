import type { Permissions } from '#contract/permissions/grant.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { permissionsOfRole, type Role, readRole } from './role.ts';

/** What a subject may do in an organization at this moment, whatever credential they show. */
export interface LiveRights {
  readonly role: Role;
  readonly permissions: Permissions;
}

/**
 * The rights that a subject has in an organization now; null when they have none: gone, or no member of it.
 *
 * Every credential is held against them, so that a member who is removed or demoted takes their keys along.
 */
export async function readLiveRights(
  database: IdentityDatabase,
  subject: string,
  organization: string | null,
): Promise<LiveRights | null> {
  if (organization === null) return null;
  const row = await database
    .selectFrom('member')
    .innerJoin('user', 'user.id', 'member.userId')
    .select('member.role')
    .where('member.userId', '=', subject)
    .where('member.organizationId', '=', organization)
    .where('user.suspendedAt', 'is', null)
    .executeTakeFirst();
  const role = row === undefined ? null : readRole(row.role);
  return role === null ? null : { role, permissions: permissionsOfRole[role] };
}

/** What is in both: the rights of a credential in the hands of its owner. */
export function withinRights(permissions: Permissions, owner: LiveRights): Permissions {
  return permissionsOf(
    permissions.scopes.filter((scope) => owner.permissions.scopes.includes(scope)),
  );
}
