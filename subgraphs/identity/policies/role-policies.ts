import type { Grant } from '#contract/permissions/grant.ts';
import { isWithin } from '#contract/permissions/is-within.ts';
import { encodeGrants } from '#contract/permissions/make-grant.ts';
import { readGrants } from '#contract/permissions/read-grants.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import { invalidArgument } from '../api-keys/invalid-argument.ts';
import type { ChangeOrigin, Changes } from '../changes.ts';
import { changeOrganization, requireSession } from '../organizations/organization-change.ts';
import { permissionsOfRole, type Role } from '../rights/role.ts';
import { type NarrowableRole, narrowable } from '../rights/role-grants.ts';
import { requireTellable } from './review-keys.ts';

/** What an organization lets a role do. */
export interface RoleGrantsRecord {
  readonly role: NarrowableRole;
  readonly grants: readonly Grant[];
  /** Whether that is what the organization said, and not simply the most that the role gives. */
  readonly isNarrowed: boolean;
}

export interface RoleGrantsInput {
  readonly organizationId: string;
  readonly role: Role;
  /** Grants as JSON; null for the most that the role gives. */
  readonly grants?: readonly unknown[] | null;
}

export interface RolePolicies {
  /**
   * Says what a role may do in an organization: members, service accounts and their keys, at once. It takes an
   * owner with a session.
   * @throws CodedError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT for the role of owners and for more than the role gives,
   *   PERMISSIONS_TOO_COMPLEX when a key would come to more than can be told
   */
  set(origin: ChangeOrigin, input: RoleGrantsInput): Promise<RoleGrantsRecord>;
}

export function createRolePolicies(changes: Changes): RolePolicies {
  return {
    async set(origin, { organizationId, role: asked, grants: json }) {
      const person = requireSession(origin);
      const role = narrowable.find((each) => each === asked);
      if (role === undefined) throw invalidArgument('role', 'Owners always may do everything');
      const grants = json == null ? null : readGrants(json);
      const most = permissionsOfRole[role];
      if (grants !== null && !isWithin(permissionsOf([], undefined, grants), most)) {
        throw invalidArgument('grants', 'A role can be given less than it has, and not more');
      }
      const wanted = { organizationId, standing: 'own' } as const;
      return changeOrganization(changes, person, wanted, async ({ transaction, now }) => {
        if (grants === null) {
          await transaction
            .deleteFrom('organization_role_grants')
            .where('organization_id', '=', organizationId)
            .where('role', '=', role)
            .execute();
          return roleGrantsOf(role, undefined);
        }
        const columns = { grants: encodeGrants(grants), updated_at: now };
        await transaction
          .insertInto('organization_role_grants')
          .values({ organization_id: organizationId, role, ...columns })
          .onConflict((conflict) =>
            conflict.columns(['organization_id', 'role']).doUpdateSet(columns),
          )
          .execute();
        await requireTellable(transaction, organizationId);
        return roleGrantsOf(role, grants);
      });
    },
  };
}

export function roleGrantsOf(
  role: NarrowableRole,
  grants: readonly Grant[] | undefined,
): RoleGrantsRecord {
  const isNarrowed = grants !== undefined;
  return { role, grants: grants ?? permissionsOfRole[role].grants, isNarrowed };
}
