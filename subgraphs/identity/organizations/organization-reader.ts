import { createBatch } from '#subgraphs/kit/index.ts';
import { type IdentityDatabase, timeOf } from '../database/tables.ts';

/** An organization as the graph shows it. `createdAt` is milliseconds since the epoch. */
export interface OrganizationRecord {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly createdAt: number;
}

/** The organizations that a person belongs to. Look-ups of one turn of the event loop are one query. */
export type FindOrganizations = (userId: string) => Promise<readonly OrganizationRecord[]>;

export function createOrganizationReader(database: IdentityDatabase): FindOrganizations {
  const find = createBatch(async (userIds: readonly string[]) => {
    const rows = await database
      .selectFrom('member')
      .innerJoin('organization', 'organization.id', 'member.organizationId')
      .select([
        'member.userId',
        'organization.id',
        'organization.name',
        'organization.slug',
        'organization.createdAt',
      ])
      .where('member.userId', 'in', userIds)
      .orderBy('organization.createdAt')
      .orderBy('organization.id')
      .execute();
    const byUser = new Map<string, OrganizationRecord[]>();
    for (const { userId, createdAt, ...row } of rows) {
      const list = byUser.get(userId) ?? [];
      list.push({ ...row, createdAt: timeOf(createdAt) });
      byUser.set(userId, list);
    }
    return byUser;
  });
  return async (userId) => (await find(userId)) ?? [];
}
