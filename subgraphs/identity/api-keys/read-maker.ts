import { sql } from 'kysely';
import { CodedError } from '#contract/errors.ts';
import type { Dialect, KnownCaller } from '#subgraphs/kit/index.ts';
import type { IdentityTransaction } from '../database/tables.ts';
import { scopesOf } from './api-key-record.ts';
import type { Maker } from './decide-new-key.ts';

/**
 * What a caller may give away, as it is in the store now and stays until the transaction ends.
 *
 * Claims may be some seconds old; a key that was revoked meanwhile must make and revoke nothing.
 * @throws CodedError UNAUTHENTICATED when the caller's key is no longer good
 */
export async function readMaker(
  transaction: IdentityTransaction,
  dialect: Dialect,
  caller: KnownCaller,
  now: number,
): Promise<Maker & { readonly keyId: string | null }> {
  await lockKeysOf(transaction, dialect, caller.subject);
  if (caller.kind !== 'key') {
    return { keyId: null, scopes: caller.permissions.scopes, expiresAt: null };
  }
  const row = await transaction
    .selectFrom('api_key')
    .select(['id', 'scopes', 'expires_at', 'revoked_at'])
    .where('id', '=', caller.credentialId)
    .where('owner_id', '=', caller.subject)
    .executeTakeFirst();
  if (row === undefined || row.revoked_at !== null) throw new CodedError('UNAUTHENTICATED');
  if (row.expires_at !== null && row.expires_at <= now) throw new CodedError('UNAUTHENTICATED');
  return { keyId: row.id, scopes: scopesOf(row), expiresAt: row.expires_at };
}

/**
 * One change at a time to the keys of a person: otherwise a key that is made while its maker is revoked
 * could escape the revocation. On SQLite every transaction has the whole store for itself.
 */
async function lockKeysOf(
  transaction: IdentityTransaction,
  dialect: Dialect,
  ownerId: string,
): Promise<void> {
  if (dialect !== 'postgres') return;
  await sql`select pg_advisory_xact_lock(hashtextextended(${ownerId}, 0))`.execute(transaction);
}
