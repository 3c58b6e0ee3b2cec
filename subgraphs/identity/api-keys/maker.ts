import { CodedError } from '#contract/errors.ts';
import type { Dialect, KnownCaller } from '#subgraphs/kit/index.ts';
import type { IdentityTransaction } from '../database/tables.ts';
import { scopesOf } from './api-key-record.ts';
import type { Maker } from './decide-new-key.ts';

/**
 * What a caller may give away, as it is in the store now and stays until the transaction ends.
 *
 * Claims may be some seconds old; a key that was revoked meanwhile must make and revoke nothing. The row is
 * locked, so that a revocation that cascades waits for the key that is being made, and finds it.
 * @throws CodedError UNAUTHENTICATED when the caller's key is no longer good
 */
export async function lockMaker(
  transaction: IdentityTransaction,
  dialect: Dialect,
  caller: KnownCaller,
  now: number,
): Promise<Maker & { readonly keyId: string | null }> {
  if (caller.kind !== 'key') {
    return { keyId: null, scopes: caller.permissions.scopes, expiresAt: null };
  }
  const row = await transaction
    .selectFrom('api_key')
    .select(['id', 'scopes', 'expires_at', 'revoked_at'])
    .where('id', '=', caller.credentialId)
    .where('owner_id', '=', caller.subject)
    .$if(dialect === 'postgres', (query) => query.forShare())
    .executeTakeFirst();
  if (row === undefined || row.revoked_at !== null) throw new CodedError('UNAUTHENTICATED');
  if (row.expires_at !== null && row.expires_at <= now) throw new CodedError('UNAUTHENTICATED');
  return { keyId: row.id, scopes: scopesOf(row), expiresAt: row.expires_at };
}
