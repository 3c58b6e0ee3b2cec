import { createBatch } from '#subgraphs/kit/index.ts';
import type { IdentityDatabase } from '../database/tables.ts';

/** The number of a key; look-ups of one turn of the event loop are one query. */
export type ReadKeyNumber = (keyId: string) => Promise<number | undefined>;

export function createKeyNumberReader(database: IdentityDatabase): ReadKeyNumber {
  return createBatch(async (ids: readonly string[]) => {
    const rows = await database
      .selectFrom('api_key_number')
      .selectAll()
      .where('key_id', 'in', ids)
      .execute();
    return new Map(rows.map((row) => [row.key_id, row.number]));
  });
}
