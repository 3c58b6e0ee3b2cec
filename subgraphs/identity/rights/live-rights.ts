import type { Permissions } from '#contract/permissions/grant.ts';
import { intersect } from '#contract/permissions/intersect.ts';
import { type CustomScopes, isBuiltIn } from '#contract/permissions/scope.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { readStoredGrants } from './custom-scopes.ts';
import { orNone } from './or-none.ts';
import { permissionsOfRole, type Role, readRole } from './role.ts';
import { narrowedRole } from './role-grants.ts';

/** What a subject may do in an organization at this moment, whatever credential they show. */
export interface LiveRights {
  readonly role: Role;
  readonly permissions: Permissions;
}

/**
 * The rights that a subject has in an organization now; null when they have none: gone, suspended, or no member
 * of it.
 *
 * Every credential is held against them, so that a member who is removed, demoted or suspended takes their
 * keys along.
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
    .leftJoin('organization_role_grants as narrowed', (join) =>
      join
        .onRef('narrowed.organization_id', '=', 'member.organizationId')
        .onRef('narrowed.role', '=', 'member.role'),
    )
    .select(['member.role', 'narrowed.grants'])
    .where('member.userId', '=', subject)
    .where('member.organizationId', '=', organization)
    .where('user.suspendedAt', 'is', null)
    .where('member.suspended_at', 'is', null)
    .unionAll((union) =>
      union
        .selectFrom('service_account')
        .leftJoin('organization_role_grants as narrowed', (join) =>
          join
            .onRef('narrowed.organization_id', '=', 'service_account.organization_id')
            .onRef('narrowed.role', '=', 'service_account.role'),
        )
        .select(['service_account.role', 'narrowed.grants'])
        .where('service_account.id', '=', subject)
        .where('service_account.organization_id', '=', organization)
        .where('service_account.suspended_at', 'is', null),
    )
    .executeTakeFirst();
  const role = row === undefined ? null : readRole(row.role);
  if (row === undefined || role === null) return null;
  const { grants } = row;
  if (grants === null) return { role, permissions: permissionsOfRole[role] };
  return { role, permissions: orNone(() => narrowedRole(role, readStoredGrants(grants))) };
}

/**
 * What is in both: the rights of a credential in the hands of its owner. A scope that stands for nothing names
 * nothing that an owner could have or lack, so it stays.
 * @throws CodedError PERMISSIONS_TOO_COMPLEX
 */
export function withinRights(
  permissions: Permissions,
  { permissions: own }: LiveRights,
  scopes: CustomScopes,
): Permissions {
  return intersect(permissions, naming(own, permissions), scopes);
}

/** Permissions, with the scopes of somebody's own that others carry. */
export function naming(permissions: Permissions, others: Permissions): Permissions {
  const named = others.scopes.filter((scope) => !isBuiltIn(scope));
  return { ...permissions, scopes: [...permissions.scopes, ...named] };
}
