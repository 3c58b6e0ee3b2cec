import { createApiKey, displayPrefix } from '#contract/api-key.ts';
import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import { newId } from '#contract/ids.ts';
import type { Dialect, KnownCaller } from '#subgraphs/kit/index.ts';
import type { IdentityDatabase, IdentityTransaction } from '../database/tables.ts';
import type { IdentityEvents } from '../events.ts';
import { type ApiKeyRecord, recordColumns, recordOf } from './api-key-record.ts';
import { decideNewKey, type NewKeyInput } from './decide-new-key.ts';
import type { PepperRing } from './pepper-ring.ts';
import { readMaker } from './read-maker.ts';

/** What can be done with API keys. It answers after the commit, so that what it answered survives. */
export interface ApiKeys {
  /**
   * A new key of the caller, and its text, which is shown nowhere else.
   * @throws CodedError BAD_USER_INPUT, FORBIDDEN, UNAUTHENTICATED
   */
  create(caller: KnownCaller, input: NewKeyInput): Promise<{ key: string; record: ApiKeyRecord }>;
  /**
   * Ends a key of the caller and all that were made with it.
   * @throws CodedError NOT_FOUND for an unknown key as for somebody else's, ALREADY_REVOKED, UNAUTHENTICATED
   */
  revoke(caller: KnownCaller, id: string): Promise<ApiKeyRecord>;
  /** Ends every key of a person. */
  revokeAll(ownerId: string): Promise<void>;
}

export interface ApiKeysOptions {
  readonly database: IdentityDatabase;
  readonly dialect: Dialect;
  readonly clock: Clock;
  readonly peppers: PepperRing;
  readonly events: IdentityEvents;
  /** The class that new keys carry: `live` or `test`. */
  readonly keyClass: string;
}

export function createApiKeys(options: ApiKeysOptions): ApiKeys {
  const { database, dialect, clock, peppers, events, keyClass } = options;
  return {
    async create(caller, input) {
      const now = clock.now();
      const key = createApiKey(keyClass);
      const { hash, version } = peppers.hash(key);
      const row = await database.transaction().execute(async (transaction) => {
        const maker = await readMaker(transaction, dialect, caller, now);
        const decided = decideNewKey(input, maker, now);
        return transaction
          .insertInto('api_key')
          .values({
            id: newId('key'),
            name: decided.name,
            prefix: displayPrefix(key),
            hash,
            pepper_version: version,
            scopes: decided.scopes.join(' '),
            owner_id: caller.subject,
            organization_id: caller.organization,
            made_by: maker.keyId,
            created_at: now,
            expires_at: decided.expiresAt,
            revoked_at: null,
          })
          .returning(recordColumns)
          .executeTakeFirstOrThrow();
      });
      return { key, record: recordOf(row) };
    },

    async revoke(caller, id) {
      const now = clock.now();
      const { row, revoked } = await database.transaction().execute(async (transaction) => {
        await readMaker(transaction, dialect, caller, now);
        const own = transaction
          .updateTable('api_key')
          .set({ revoked_at: now })
          .where('id', '=', id)
          .where('owner_id', '=', caller.subject)
          .where('revoked_at', 'is', null);
        const row = await own.returning(recordColumns).executeTakeFirst();
        if (row === undefined) throw await whyNotRevoked(transaction, caller, id);
        return { row, revoked: [id, ...(await revokeMadeBy(transaction, id, now))] };
      });
      for (const each of revoked) events.emit('credential', each);
      return recordOf(row);
    },

    async revokeAll(ownerId) {
      const rows = await database
        .updateTable('api_key')
        .set({ revoked_at: clock.now() })
        .where('owner_id', '=', ownerId)
        .where('revoked_at', 'is', null)
        .returning('id')
        .execute();
      for (const { id } of rows) events.emit('credential', id);
    },
  };
}

async function whyNotRevoked(
  transaction: IdentityTransaction,
  caller: KnownCaller,
  id: string,
): Promise<CodedError> {
  const known = await transaction
    .selectFrom('api_key')
    .select('id')
    .where('id', '=', id)
    .where('owner_id', '=', caller.subject)
    .executeTakeFirst();
  return new CodedError(known === undefined ? 'NOT_FOUND' : 'ALREADY_REVOKED');
}

/** Revokes what was made with a key, and with that, and so on; answers the ids. */
async function revokeMadeBy(
  transaction: IdentityTransaction,
  id: string,
  now: number,
): Promise<readonly string[]> {
  const rows = await transaction
    .withRecursive('made', (made) =>
      made
        .selectFrom('api_key')
        .select('api_key.id')
        .where('made_by', '=', id)
        // Not "union all": whatever the rows say, it comes to an end.
        .union(
          made
            .selectFrom('api_key')
            .innerJoin('made', 'made.id', 'api_key.made_by')
            .select('api_key.id'),
        ),
    )
    .updateTable('api_key')
    .set({ revoked_at: now })
    .where('revoked_at', 'is', null)
    .where('id', 'in', (query) => query.selectFrom('made').select('made.id'))
    .returning('id')
    .execute();
  return rows.map((row) => row.id);
}
