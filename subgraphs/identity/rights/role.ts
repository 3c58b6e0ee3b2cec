import type { Permissions } from '#contract/permissions/grant.ts';
import { allPermissions, permissionsOf } from '#contract/permissions/scope.ts';

/** What somebody is in an organization, from the one who may do everything to the one who only looks. */
export const roles = ['owner', 'admin', 'member', 'read-only'] as const;

export type Role = (typeof roles)[number];

/** The most that a role gives, before an organization narrows it. MANAGE is for what is one's own. */
export const permissionsOfRole: Readonly<Record<Role, Permissions>> = Object.freeze({
  owner: allPermissions,
  admin: allPermissions,
  member: allPermissions,
  'read-only': permissionsOf(['read:all', 'admin']),
});

/** The role that a stored text names; one that is not known gives nothing. */
export function readRole(text: string): Role | null {
  return roles.find((role) => role === text) ?? null;
}

/** Whether a role governs its organization: its members, its service accounts and everybody's keys. */
export function isGoverning(role: Role | null): boolean {
  return role === 'owner' || role === 'admin';
}

/** Whether somebody with the role `actor` may take this role away from others, or give it to them. */
export function mayGiveRole(actor: Role | null, role: Role): boolean {
  return actor === 'owner' || (actor === 'admin' && !isGoverning(role));
}
