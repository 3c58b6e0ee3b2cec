import { createApiKey, displayPrefix } from '#contract/api-key.ts';
import { CodedError } from '#contract/errors.ts';
import { newId } from '#contract/ids.ts';
import type { ChangeOrigin, Changes } from '../changes.ts';
import type { IdentityTransaction } from '../database/tables.ts';
import { type ApiKeyRecord, recordColumns, recordOf } from './api-key-record.ts';
import { decideNewKey, type NewKeyInput } from './decide-new-key.ts';
import type { PepperRing } from './pepper-ring.ts';

/** What can be done with API keys. It answers after the commit, so that what it answered survives. */
export interface ApiKeys {
  /**
   * A new key of the caller, and its text, which is shown nowhere else.
   * @throws CodedError BAD_USER_INPUT, FORBIDDEN, UNAUTHENTICATED
   */
  create(origin: ChangeOrigin, input: NewKeyInput): Promise<{ key: string; record: ApiKeyRecord }>;
  /**
   * Ends a key of the caller and all that were made with it.
   * @throws CodedError NOT_FOUND for an unknown key as for somebody else's, ALREADY_REVOKED, UNAUTHENTICATED
   */
  revoke(origin: ChangeOrigin, id: string): Promise<ApiKeyRecord>;
  /** Ends every key of the caller. */
  revokeAll(origin: ChangeOrigin): Promise<void>;
}

export interface ApiKeysOptions {
  readonly changes: Changes;
  readonly peppers: PepperRing;
  /** The class that new keys carry: `live` or `test`. */
  readonly keyClass: string;
}

export function createApiKeys(options: ApiKeysOptions): ApiKeys {
  const { changes, peppers, keyClass } = options;
  return {
    async create(origin, input) {
      const key = createApiKey(keyClass);
      const { hash, version } = peppers.hash(key);
      const row = await changes.run(origin, async ({ transaction, actor, now }) => {
        const { scopes } = actor.permissions;
        const decided = decideNewKey(input, { scopes, expiresAt: actor.expiresAt }, now);
        return transaction
          .insertInto('api_key')
          .values({
            id: newId('key'),
            name: decided.name,
            prefix: displayPrefix(key),
            hash,
            pepper_version: version,
            scopes: decided.scopes.join(' '),
            owner_id: actor.caller.subject,
            organization_id: actor.caller.organization,
            made_by: actor.keyId,
            created_at: now,
            expires_at: decided.expiresAt,
            revoked_at: null,
          })
          .returning(recordColumns)
          .executeTakeFirstOrThrow();
      });
      return { key, record: recordOf(row) };
    },

    async revoke(origin, id) {
      const row = await changes.run(origin, async ({ transaction, actor, now }) => {
        const own = transaction
          .updateTable('api_key')
          .set({ revoked_at: now })
          .where('id', '=', id)
          .where('owner_id', '=', actor.caller.subject)
          .where('revoked_at', 'is', null);
        const row = await own.returning(recordColumns).executeTakeFirst();
        if (row === undefined) throw await whyNotRevoked(transaction, actor.caller.subject, id);
        await revokeMadeBy(transaction, id, now);
        return row;
      });
      return recordOf(row);
    },

    async revokeAll(origin) {
      await changes.run(origin, ({ transaction, actor, now }) =>
        transaction
          .updateTable('api_key')
          .set({ revoked_at: now })
          .where('owner_id', '=', actor.caller.subject)
          .where('revoked_at', 'is', null)
          .execute(),
      );
    },
  };
}

async function whyNotRevoked(
  transaction: IdentityTransaction,
  ownerId: string,
  id: string,
): Promise<CodedError> {
  const known = await transaction
    .selectFrom('api_key')
    .select('id')
    .where('id', '=', id)
    .where('owner_id', '=', ownerId)
    .executeTakeFirst();
  return new CodedError(known === undefined ? 'NOT_FOUND' : 'ALREADY_REVOKED');
}

/** Revokes what was made with a key, and with that, and so on. */
async function revokeMadeBy(
  transaction: IdentityTransaction,
  id: string,
  now: number,
): Promise<void> {
  await transaction
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
    .execute();
}
