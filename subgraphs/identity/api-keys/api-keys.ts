import { CodedError } from '#contract/errors.ts';
import type { Change, ChangeOrigin, Changes } from '../changes.ts';
import { type ApiKeyRecord, recordColumns, recordOf } from './api-key-record.ts';
import { createKey } from './create-key.ts';
import type { NewKeyInput } from './decide-new-key.ts';
import type { KeyMaking, KeyWithText } from './key-with-text.ts';
import { revokeWithMade } from './made-by.ts';
import { findReachable } from './reach.ts';
import { rotateKey } from './rotate-key.ts';
import { type KeyUpdate, updateKey } from './update-key.ts';

/** Whose keys: the caller's own, somebody's, or all of the organization. */
export interface KeysOf {
  readonly scope: 'OWN' | 'ORGANIZATION';
  readonly ownerId?: string | null | undefined;
}

/**
 * What can be done with API keys: with one's own, and with all of an organization that one governs. It answers
 * after the commit, so that what it answered survives. Every one throws CodedError UNAUTHENTICATED when the caller
 * is nobody any more, and NOT_FOUND for an unknown key as for somebody else's.
 */
export interface ApiKeys {
  /** @throws CodedError BAD_USER_INPUT, FORBIDDEN, KEY_POLICY_VIOLATED, KEY_LIMIT_REACHED */
  create(origin: ChangeOrigin, input: NewKeyInput): Promise<KeyWithText>;
  /** @throws CodedError BAD_USER_INPUT, FORBIDDEN, KEY_POLICY_VIOLATED, ALREADY_REVOKED, KEY_EXPIRED */
  update(origin: ChangeOrigin, id: string, input: KeyUpdate): Promise<ApiKeyRecord>;
  /**
   * @param overlap how long the text until now goes on working, from `0` to `7d`; an hour when left out
   * @throws CodedError BAD_USER_INPUT, FORBIDDEN, ALREADY_REVOKED, KEY_EXPIRED
   */
  rotate(origin: ChangeOrigin, id: string, overlap?: string | null): Promise<KeyWithText>;
  /** Ends a key and all that were made with it. @throws CodedError ALREADY_REVOKED */
  revoke(origin: ChangeOrigin, id: string): Promise<ApiKeyRecord>;
  /** Ends many, and all that were made with them. @returns how many @throws CodedError FORBIDDEN */
  revokeMany(origin: ChangeOrigin, which: KeysOf): Promise<number>;
}

export interface ApiKeysOptions extends KeyMaking {
  readonly changes: Changes;
}

export function createApiKeys(options: ApiKeysOptions): ApiKeys {
  const { changes } = options;
  return {
    create: (origin, input) => changes.run(origin, (change) => createKey(change, input, options)),

    update: (origin, id, input) =>
      changes.run(origin, (change) => updateKey(change, id, input, options)),

    rotate: (origin, id, overlap) =>
      changes.run(origin, (change) => rotateKey(change, id, overlap, options)),

    revoke: (origin, id) =>
      changes.run(origin, async (change) => {
        const { transaction, now } = change;
        const before = await findReachable(change, id);
        if (before.revoked_at !== null) throw new CodedError('ALREADY_REVOKED');
        const row = await transaction
          .updateTable('api_key')
          .set({ revoked_at: now })
          .where('id', '=', id)
          .returning(recordColumns)
          .executeTakeFirstOrThrow();
        await revokeWithMade(transaction, { organization: before.organization_id, id }, now);
        return recordOf(row);
      }),

    revokeMany: (origin, { scope, ownerId }) =>
      changes.run(origin, async (change) => {
        const { transaction, actor, now } = change;
        const { subject, organization } = actor.caller;
        const owner = ownerId ?? (scope === 'OWN' ? subject : null);
        if (owner === null) {
          if (!actor.governs) throw new CodedError('FORBIDDEN');
          return revokeWithMade(transaction, { organization }, now);
        }
        const isKnown = owner === subject || (actor.governs && (await hasKeys(change, owner)));
        if (!isKnown) throw new CodedError('NOT_FOUND');
        return revokeWithMade(transaction, { organization, ownerId: owner }, now);
      }),
  };
}

/** Whether somebody has, or had, a key in the organization. */
async function hasKeys({ transaction, actor }: Change, ownerId: string): Promise<boolean> {
  const known = await transaction
    .selectFrom('api_key')
    .select('id')
    .where('organization_id', '=', actor.caller.organization)
    .where('owner_id', '=', ownerId)
    .limit(1)
    .executeTakeFirst();
  return known !== undefined;
}
