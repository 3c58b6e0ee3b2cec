import type { Role } from '../rights/role.ts';

/** What a service account may be in its organization. Nobody who is no person owns one. */
export const accountRoles = { ADMIN: 'admin', MEMBER: 'member', READ_ONLY: 'read-only' } as const;

export type AccountRole = keyof typeof accountRoles;

/** A service account as the graph shows it. Times are milliseconds since the epoch. */
export interface ServiceAccountRecord {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly description: string;
  readonly role: AccountRole;
  readonly createdAt: number;
  readonly suspendedAt: number | null;
}

export const accountColumns = [
  'id',
  'organization_id',
  'name',
  'description',
  'role',
  'created_at',
  'suspended_at',
] as const;

export function accountOf(row: {
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly description: string;
  readonly role: string;
  readonly created_at: number;
  readonly suspended_at: number | null;
}): ServiceAccountRecord {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    description: row.description,
    role: roleNameOf(row.role),
    createdAt: row.created_at,
    suspendedAt: row.suspended_at,
  };
}

export function storedRoleOf(role: AccountRole): Role {
  return accountRoles[role];
}

function roleNameOf(stored: string): AccountRole {
  if (stored === accountRoles.ADMIN) return 'ADMIN';
  return stored === accountRoles.MEMBER ? 'MEMBER' : 'READ_ONLY';
}
