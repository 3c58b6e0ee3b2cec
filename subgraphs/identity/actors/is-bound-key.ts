import type { KnownCaller } from '#subgraphs/kit/index.ts';
import type { IdentityDatabase } from '../database/tables.ts';

/**
 * Whether a caller uses a key that is bound to a part of its organization: what concerns the whole of it, or the
 * person behind it, is not for such a key. Of several places a caller names none, so that the store is asked. One that
 * is not there any more counts as bound.
 */
export async function isBoundKey(
  database: IdentityDatabase,
  { kind, credentialId }: KnownCaller,
): Promise<boolean> {
  if (kind !== 'key') return false;
  const row = await database
    .selectFrom('api_key')
    .select(['project_ids', 'environment_ids'])
    .where('id', '=', credentialId)
    .executeTakeFirst();
  return row === undefined || row.project_ids !== null || row.environment_ids !== null;
}
