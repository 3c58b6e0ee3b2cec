import { CodedError } from '#contract/errors.ts';
import { type ApiKeyRecord, recordColumns, recordOf } from '../api-keys/api-key-record.ts';
import { makersOf } from '../api-keys/made-by.ts';
import { boundsOfEditor, findReachable, requireLive } from '../api-keys/reach.ts';
import type { Change, ChangeOrigin, Changes } from '../changes.ts';
import { readCustomScopes } from '../rights/custom-scopes.ts';

/** Lets keys in again that were put out of use. Both throw NOT_FOUND for an unknown key as for somebody else's. */
export interface LetInAgain {
  /**
   * A key that nobody used for long. Its disuse counts from now on.
   * @throws CodedError BAD_USER_INPUT when it is not disabled, FORBIDDEN, ALREADY_REVOKED, KEY_EXPIRED
   */
  enable(origin: ChangeOrigin, id: string): Promise<ApiKeyRecord>;
  /**
   * A key that somebody found, and with it what was made with it. Only a person decides that, in a session.
   * @throws CodedError BAD_USER_INPUT when it is not quarantined, or the key is that it was made with; FORBIDDEN,
   * ALREADY_REVOKED, KEY_EXPIRED
   */
  release(origin: ChangeOrigin, id: string): Promise<ApiKeyRecord>;
}

const again = { disabled_at: null, disabled_reason: null } as const;

export function createLetInAgain(changes: Changes): LetInAgain {
  return {
    enable: (origin, id) =>
      changes.run(origin, async (change) => {
        const before = await findReachable(change, id);
        requireLive(before, change.now);
        const custom = await readCustomScopes(change.transaction, before.organization_id);
        await boundsOfEditor(change, before, custom);
        if (before.disabled_reason !== 'unused') throw notIn('disabled for disuse');
        return recordOf(await letIn(change, [id]));
      }),

    release: (origin, id) =>
      changes.run(origin, async (change) => {
        if (!change.actor.isInPerson) {
          throw new CodedError('FORBIDDEN', 'Only a person in a session releases a key');
        }
        const before = await findReachable(change, id);
        requireLive(before, change.now);
        const { disabled_reason: reason } = before;
        if (reason !== 'leaked' && reason !== 'maker_leaked') throw notIn('quarantined');
        if (await hasQuarantinedMaker(change, id)) {
          throw notIn('free: the key that it was made with is quarantined');
        }
        return recordOf(await letIn(change, [id, ...(await quarantinedWith(change, id))]));
      }),
  };
}

/** @returns the first of them */
async function letIn({ transaction, now }: Change, ids: readonly [string, ...string[]]) {
  await transaction
    .updateTable('api_key')
    .set({ ...again, watched_since: now })
    .where('id', 'in', ids)
    .execute();
  return transaction
    .selectFrom('api_key')
    .select(recordColumns)
    .where('id', '=', ids[0])
    .executeTakeFirstOrThrow();
}

async function hasQuarantinedMaker({ transaction }: Change, id: string): Promise<boolean> {
  const makers = await makersOf(transaction, id);
  if (makers.length === 0) return false;
  const row = await transaction
    .selectFrom('api_key')
    .select('id')
    .where('id', 'in', makers)
    .where('disabled_reason', 'in', ['leaked', 'maker_leaked'])
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** What was quarantined because this key was, but for what was found itself and what was made with that. */
async function quarantinedWith({ transaction }: Change, id: string): Promise<readonly string[]> {
  const rows = await transaction
    .withRecursive('made', (made) =>
      made
        .selectFrom('api_key')
        .select('id')
        .where('made_by', '=', id)
        .where('disabled_reason', '=', 'maker_leaked')
        .union(
          made
            .selectFrom('api_key')
            .innerJoin('made', 'made.id', 'api_key.made_by')
            .select('api_key.id')
            .where('api_key.disabled_reason', '=', 'maker_leaked'),
        ),
    )
    .selectFrom('made')
    .select('id')
    .execute();
  return rows.map((row) => row.id);
}

function notIn(state: string): CodedError {
  return new CodedError('BAD_USER_INPUT', `This API key is not ${state}`, {
    extensions: { argument: 'id' },
  });
}
