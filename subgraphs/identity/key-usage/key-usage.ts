import { sql } from 'kysely';
import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import type { KeyUse } from '#contract/key-use.ts';
import type { IdentityDatabase, IdentityTransaction } from '../database/tables.ts';

export const DAY_MS = 86_400_000;
/** The last use of a key is written at most this often. */
const WRITE_EVERY_MS = 60_000;
/** A report about a use before that is none of ours. */
const OLDEST_MS = DAY_MS;

/** Keeps how keys are used, for all gateways and identities of a store together. */
export interface KeyUsage {
  /**
   * Adds what a gateway saw, in one transaction. What it says of keys that are not there, of a time to come or of
   * one long past is passed over.
   * @throws CodedError IDENTITY_UNAVAILABLE
   */
  record(uses: readonly KeyUse[]): Promise<void>;
  /** Forgets the counts of days that are longer ago. @returns how many */
  forget(retentionDays: number): Promise<number>;
}

export function createKeyUsage(database: IdentityDatabase, clock: Clock): KeyUsage {
  return {
    async record(uses) {
      const now = clock.now();
      // A gateway's clock may be ahead by a little; the day of a use is then still the right one.
      const believed = uses.filter(({ at }) => at > now - OLDEST_MS && at < now + WRITE_EVERY_MS);
      if (believed.length === 0) return;
      try {
        await database.transaction().execute((transaction) => write(transaction, believed));
      } catch (cause) {
        throw new CodedError('IDENTITY_UNAVAILABLE', undefined, { cause });
      }
    },

    async forget(retentionDays) {
      const { numDeletedRows } = await database
        .deleteFrom('api_key_usage_day')
        .where('day', '<', dayOf(clock.now()) - retentionDays)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

/** Days since the epoch, in UTC. */
export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS);
}

async function write(transaction: IdentityTransaction, uses: readonly KeyUse[]): Promise<void> {
  const known = await transaction
    .selectFrom('api_key')
    .select('id')
    .where('id', 'in', [...new Set(uses.map(({ keyId }) => keyId))])
    .execute();
  const ids = new Set(known.map(({ id }) => id));
  // In one order everywhere, so that nobody waits for somebody who waits for them.
  const counted = uses.filter(({ keyId }) => ids.has(keyId)).sort(inOrder);
  if (counted.length === 0) return;
  await transaction
    .insertInto('api_key_usage_day')
    .values(countsOf(counted))
    .onConflict((conflict) =>
      conflict.columns(['key_id', 'day']).doUpdateSet({
        count: sql<number>`api_key_usage_day.count + excluded.count`,
      }),
    )
    .execute();
  await transaction
    .insertInto('api_key_use')
    .values(lastOf(counted))
    .onConflict((conflict) =>
      conflict
        .column('key_id')
        .doUpdateSet((is) => ({
          used_at: is.ref('excluded.used_at'),
          network: is.ref('excluded.network'),
          user_agent: is.ref('excluded.user_agent'),
        }))
        .where(sql<boolean>`excluded.used_at >= api_key_use.used_at + ${WRITE_EVERY_MS}`),
    )
    .execute();
}

function countsOf(uses: readonly KeyUse[]) {
  const rows = new Map<string, { key_id: string; day: number; count: number }>();
  for (const { keyId, at, count } of uses) {
    const day = dayOf(at);
    const row = rows.get(`${keyId} ${day}`);
    if (row === undefined) rows.set(`${keyId} ${day}`, { key_id: keyId, day, count });
    else row.count += count;
  }
  return [...rows.values()];
}

/** The uses are in order: of one key the last one stays. */
function lastOf(uses: readonly KeyUse[]) {
  const rows = new Map(
    uses.map(({ keyId, at, network, userAgent }) => [
      keyId,
      { key_id: keyId, used_at: at, network, user_agent: userAgent },
    ]),
  );
  return [...rows.values()];
}

function inOrder(one: KeyUse, other: KeyUse): number {
  if (one.keyId !== other.keyId) return one.keyId < other.keyId ? -1 : 1;
  return one.at - other.at;
}
