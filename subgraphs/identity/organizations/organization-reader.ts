import { createBatch } from '#subgraphs/kit/index.ts';
import { type IdentityDatabase, timeOf } from '../database/tables.ts';
import { type Role, readRole } from '../rights/role.ts';

/** An organization as the graph shows it. `createdAt` is milliseconds since the epoch. */
export interface OrganizationRecord {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly createdAt: number;
}

/** An organization of somebody, and what they are in it. */
export interface OrganizationOfPerson extends OrganizationRecord {
  readonly role: Role | null;
  /** Whether they belong to it, but may do nothing in it for now. */
  readonly isSuspended: boolean;
}

/**
 * The organizations that a person belongs to, oldest first. Look-ups of one turn of the event loop are one
 * query.
 */
export type FindOrganizations = (userId: string) => Promise<readonly OrganizationOfPerson[]>;

/** The organization with this id. Look-ups of one turn of the event loop are one query. */
export type FindOrganization = (id: string) => Promise<OrganizationRecord | undefined>;

export function createOrganizationFinder(database: IdentityDatabase): FindOrganization {
  return createBatch(async (ids: readonly string[]) => {
    const rows = await database
      .selectFrom('organization')
      .select(['id', 'name', 'slug', 'createdAt'])
      .where('id', 'in', ids)
      .execute();
    return new Map(rows.map((row) => [row.id, { ...row, createdAt: timeOf(row.createdAt) }]));
  });
}

export function createOrganizationReader(database: IdentityDatabase): FindOrganizations {
  const find = createBatch(async (userIds: readonly string[]) => {
    const rows = await database
      .selectFrom('member')
      .innerJoin('organization', 'organization.id', 'member.organizationId')
      .select([
        'member.userId',
        'member.role',
        'member.suspended_at',
        'organization.id',
        'organization.name',
        'organization.slug',
        'organization.createdAt',
      ])
      .where('member.userId', 'in', userIds)
      .orderBy('organization.createdAt')
      .orderBy('organization.id')
      .execute();
    const byUser = new Map<string, OrganizationOfPerson[]>();
    for (const { userId, createdAt, role, suspended_at, ...row } of rows) {
      const list = byUser.get(userId) ?? [];
      list.push({
        ...row,
        createdAt: timeOf(createdAt),
        role: readRole(role),
        isSuspended: suspended_at !== null,
      });
      byUser.set(userId, list);
    }
    return byUser;
  });
  return async (userId) => (await find(userId)) ?? [];
}
