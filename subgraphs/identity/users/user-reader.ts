import { createBatch } from '#subgraphs/kit/index.ts';
import { type IdentityDatabase, timeOf } from '../database/tables.ts';

/** A person as the graph knows them. `createdAt` is milliseconds since the epoch. */
export interface UserRecord {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly createdAt: number;
}

/** The person with this id, if there is one. Look-ups of one turn of the event loop are one query. */
export type FindUser = (id: string) => Promise<UserRecord | undefined>;

export function createUserReader(database: IdentityDatabase): FindUser {
  return createBatch(async (ids: readonly string[]) => {
    const rows = await database
      .selectFrom('user')
      .select(['id', 'name', 'email', 'createdAt'])
      .where('id', 'in', ids)
      .execute();
    return new Map(rows.map((row) => [row.id, { ...row, createdAt: timeOf(row.createdAt) }]));
  });
}
