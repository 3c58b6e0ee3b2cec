import { createBatch } from '#subgraphs/kit/index.ts';
import { type IdentityDatabase, timeOf } from '../database/tables.ts';
import type { PageRequest, Place } from '../page.ts';
import { type Role, readRole } from '../rights/role.ts';

/** A member as the graph shows them. Times are milliseconds since the epoch. */
export interface MemberRecord {
  readonly id: string;
  readonly organizationId: string;
  readonly userId: string;
  readonly role: Role | null;
  readonly joinedAt: number;
  readonly suspendedAt: number | null;
}

export interface MemberReader {
  /** Members, the longest there first; one more than the page wants when there are more. */
  list(organizationId: string, page: PageRequest): Promise<readonly MemberRecord[]>;
  find(organizationId: string, userId: string): Promise<MemberRecord | undefined>;
}

const columns = ['id', 'organizationId', 'userId', 'role', 'createdAt', 'suspended_at'] as const;

export function createMemberReader(database: IdentityDatabase): MemberReader {
  // A query for each organization and page, however often one turn asks for it.
  const listed = createBatch(async (keys: readonly string[]) => {
    const lists = keys.map(async (key) => [key, await read(JSON.parse(key))] as const);
    return new Map(await Promise.all(lists));
  });

  async function read({ organizationId, first, after }: PageRequest & { organizationId: string }) {
    let query = database
      .selectFrom('member')
      .select(columns)
      .where('organizationId', '=', organizationId)
      .orderBy('createdAt')
      .orderBy('id')
      .limit(first + 1);
    if (after !== null) {
      const at = new Date(after.at).toISOString();
      query = query.where((is) =>
        is.or([
          is('createdAt', '>', at),
          is.and([is('createdAt', '=', at), is('id', '>', after.id)]),
        ]),
      );
    }
    return (await query.execute()).map(recordOf);
  }

  return {
    list: async (organizationId, { first, after }) =>
      (await listed(JSON.stringify({ organizationId, first, after }))) ?? [],
    async find(organizationId, userId) {
      const row = await database
        .selectFrom('member')
        .select(columns)
        .where('organizationId', '=', organizationId)
        .where('userId', '=', userId)
        .executeTakeFirst();
      return row === undefined ? undefined : recordOf(row);
    },
  };
}

export function placeOfMember({ joinedAt, id }: MemberRecord): Place {
  return { at: joinedAt, id };
}

function recordOf(row: {
  readonly id: string;
  readonly organizationId: string;
  readonly userId: string;
  readonly role: string;
  readonly createdAt: string | Date;
  readonly suspended_at: number | null;
}): MemberRecord {
  const { id, organizationId, userId } = row;
  return {
    id,
    organizationId,
    userId,
    role: readRole(row.role),
    joinedAt: timeOf(row.createdAt),
    suspendedAt: row.suspended_at,
  };
}
