import { sql } from 'kysely';
import type { IdentityTransaction } from '../database/tables.ts';

/**
 * The keys that a key was made with, and those with which these were made: the nearest first.
 * It ends whatever the rows say.
 */
export async function makersOf(
  transaction: IdentityTransaction,
  id: string,
): Promise<readonly string[]> {
  const found = await sql<{ id: string }>`
    with recursive maker(id, depth) as (
      select made_by, 1 from api_key where id = ${id} and made_by is not null
      union
      select api_key.made_by, maker.depth + 1 from api_key join maker on api_key.id = maker.id
      where api_key.made_by is not null and maker.depth < ${MAX_DEPTH})
    select id from maker order by depth`.execute(transaction);
  return found.rows.map((row) => row.id);
}

/** A chain can be no longer: each key of it was made with the one before. */
const MAX_DEPTH = 100_000;

/**
 * Ends keys, and what was made with them, and with that, and so on. What has ended already stays as it is.
 * @returns how many came to their end
 */
export async function revokeWithMade(
  transaction: IdentityTransaction,
  roots: { readonly organization: string | null; readonly ownerId?: string; readonly id?: string },
  now: number,
): Promise<number> {
  const { numUpdatedRows } = await transaction
    .withRecursive('made', (made) => {
      let query = made
        .selectFrom('api_key')
        .select('api_key.id')
        .where('organization_id', '=', roots.organization);
      if (roots.ownerId !== undefined) query = query.where('owner_id', '=', roots.ownerId);
      if (roots.id !== undefined) query = query.where('id', '=', roots.id);
      // Not "union all": whatever the rows say, it comes to an end.
      return query.union(
        made
          .selectFrom('api_key')
          .innerJoin('made', 'made.id', 'api_key.made_by')
          .select('api_key.id'),
      );
    })
    .updateTable('api_key')
    .set({ revoked_at: now })
    .where('revoked_at', 'is', null)
    .where((is) => is.or([is('expires_at', 'is', null), is('expires_at', '>', now)]))
    .where('id', 'in', (query) => query.selectFrom('made').select('made.id'))
    .executeTakeFirst();
  return Number(numUpdatedRows);
}
