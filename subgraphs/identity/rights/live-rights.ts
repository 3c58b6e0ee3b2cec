import type { Permissions } from '#contract/permissions/grant.ts';
import { intersect } from '#contract/permissions/intersect.ts';
import { isBuiltIn } from '#contract/permissions/scope.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { permissionsOfRole, type Role, readRole } from './role.ts';

/** What a subject may do in an organization at this moment, whatever credential they show. */
export interface LiveRights {
  readonly role: Role;
  readonly permissions: Permissions;
}

/**
 * The rights that a subject has in an organization now; null when they have none: gone, no member of it, or a
 * service account that is suspended.
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
    .unionAll((union) =>
      union
        .selectFrom('service_account')
        .select('role')
        .where('id', '=', subject)
        .where('organization_id', '=', organization)
        .where('suspended_at', 'is', null),
    )
    .executeTakeFirst();
  const role = row === undefined ? null : readRole(row.role);
  return role === null ? null : { role, permissions: permissionsOfRole[role] };
}

/**
 * What is in both: the rights of a credential in the hands of its owner. A scope of somebody's own
 * names nothing that an owner could have or lack, so it stays.
 * @throws CodedError PERMISSIONS_TOO_COMPLEX
 */
export function withinRights(
  permissions: Permissions,
  { permissions: own }: LiveRights,
): Permissions {
  return intersect(permissions, naming(own, permissions));
}

/** Permissions, with the scopes of somebody's own that others carry. */
export function naming(permissions: Permissions, others: Permissions): Permissions {
  const named = others.scopes.filter((scope) => !isBuiltIn(scope));
  return { ...permissions, scopes: [...permissions.scopes, ...named] };
}
