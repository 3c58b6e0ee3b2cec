import type { KnownCaller } from '#subgraphs/kit/index.ts';
import type { IdentityDatabase } from '../database/tables.ts';

/**
 * Whether a caller uses a session that a key opened: it reaches no further than the key, which is for one organization
 * and does not stand for its owner.
 */
export async function isKeySession(
  database: IdentityDatabase,
  { kind, credentialId }: KnownCaller,
): Promise<boolean> {
  if (kind !== 'session' || credentialId === null) return false;
  const row = await database
    .selectFrom('session')
    .select('opened_by_key')
    .where('id', '=', credentialId)
    .executeTakeFirst();
  return row !== undefined && row.opened_by_key !== null;
}
