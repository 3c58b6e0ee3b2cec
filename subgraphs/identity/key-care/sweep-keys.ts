import { sql } from 'kysely';
import type { Clock } from '#contract/clock.ts';
import { inChangeContext } from '#subgraphs/kit/index.ts';
import { ofThisProcess } from '../changes.ts';
import type { IdentityDatabase, IdentityTransaction } from '../database/tables.ts';
import { DAY_MS, type KeyUsage } from '../key-usage/key-usage.ts';
import type { IdentityEvents } from '../log/identity-events.ts';
import type { CareSettings } from './care-settings.ts';
import { noteDown } from './key-notices.ts';

/** What one look through the keys has done. */
export interface Sweep {
  readonly disabled: number;
  readonly warned: number;
  readonly daysForgotten: number;
}

export interface SweepParts {
  readonly database: IdentityDatabase;
  readonly clock: Clock;
  readonly events: IdentityEvents;
  readonly usage: KeyUsage;
  readonly settings: CareSettings;
  /** Whether owners can be told by mail: what is not to be sent is not noted down. */
  readonly mails: boolean;
}

/** Changed in one transaction: others want to write as well. */
const PAGE = 500;

/**
 * Disables keys that nobody used for long, says of keys that they end soon, and forgets old counts. Each is one
 * guarded update, so that several processes may do it at once, and what is done is not done again.
 */
export async function sweepKeys(parts: SweepParts): Promise<Sweep> {
  const { database, clock, events, usage, settings } = parts;
  const now = clock.now();
  const context = {
    at: now,
    actorKind: 'system',
    actorId: null,
    credentialId: null,
    ...ofThisProcess,
  } as const;
  const inPages = async (update: (transaction: IdentityTransaction) => Promise<number>) => {
    for (let total = 0; ; ) {
      const count = await inChangeContext(context, () => database.transaction().execute(update));
      total += count;
      if (count < PAGE) return total;
    }
  };
  try {
    const disabled = (await disablesAny(database, settings))
      ? await inPages((transaction) => disableUnused(transaction, parts, now))
      : 0;
    let warned = 0;
    // The nearest first: a key is told of once, by the nearest that fits.
    for (const days of settings.keyExpiry.warnDays.toSorted((one, other) => one - other)) {
      warned += await inPages((transaction) => warn(transaction, parts, days, now));
    }
    const daysForgotten = await usage.forget(settings.keyUsage.retentionDays);
    return { disabled, warned, daysForgotten };
  } finally {
    // Of what was committed before something failed, too.
    await events.catchUp();
  }
}

/** Most deployments disable nothing: that costs one look at a small table. */
async function disablesAny(
  database: IdentityDatabase,
  { keyUsage }: CareSettings,
): Promise<boolean> {
  if (keyUsage.disableUnusedDays !== undefined) return true;
  const row = await database
    .selectFrom('organization_key_care')
    .select('organization_id')
    .where('disable_unused_days', 'is not', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

async function disableUnused(
  transaction: IdentityTransaction,
  { settings: { keyUsage }, mails }: Pick<SweepParts, 'settings' | 'mails'>,
  now: number,
): Promise<number> {
  const usual = keyUsage.disableUnusedDays ?? null;
  // The fewer days of the two; either may be null.
  const days = sql<number>`case
    when care.disable_unused_days is null or care.disable_unused_days > cast(${usual} as integer)
    then cast(${usual} as integer) else care.disable_unused_days end`;
  const cutoff = sql<number>`${now} - ${days} * cast(${DAY_MS} as bigint)`;
  const disabled = await transaction
    .updateTable('api_key')
    .set({ disabled_at: now, disabled_reason: 'unused' })
    .where('disabled_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('id', 'in', (query) =>
      query
        .selectFrom('api_key as key')
        .leftJoin('organization_key_care as care', 'care.organization_id', 'key.organization_id')
        .leftJoin('api_key_use as use', 'use.key_id', 'key.id')
        .select('key.id')
        .where('key.revoked_at', 'is', null)
        .where('key.disabled_at', 'is', null)
        .where((is) => is.or([is('key.expires_at', 'is', null), is('key.expires_at', '>', now)]))
        .where('key.created_at', '<', cutoff)
        .where(sql<boolean>`coalesce(key.watched_since, 0) < ${cutoff}`)
        .where(sql<boolean>`coalesce(use.used_at, 0) < ${cutoff}`)
        .limit(PAGE),
    )
    .returning('id')
    .execute();
  if (mails) {
    const about = { about: 'disuse', at: now, within_days: 0 } as const;
    await noteDown(
      transaction,
      disabled.map(({ id }) => ({ key_id: id, ...about })),
    );
  }
  return disabled.length;
}

async function warn(
  transaction: IdentityTransaction,
  { mails }: Pick<SweepParts, 'mails'>,
  days: number,
  now: number,
): Promise<number> {
  const isNew = sql<boolean>`(warned_of is distinct from expires_at or warned_days > ${days})`;
  const warned = await transaction
    .updateTable('api_key')
    .set((is) => ({ warned_of: is.ref('expires_at'), warned_days: days }))
    .where(isNew)
    .where('revoked_at', 'is', null)
    .where('id', 'in', (query) =>
      query
        .selectFrom('api_key')
        .select('id')
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', now)
        .where('expires_at', '<=', now + days * DAY_MS)
        .where(isNew)
        .limit(PAGE),
    )
    .returning(['id', 'warned_of'])
    .execute();
  if (mails) {
    const about = { about: 'expiry', within_days: days } as const;
    await noteDown(
      transaction,
      warned.flatMap(({ id, warned_of: at }) =>
        at === null ? [] : [{ key_id: id, at, ...about }],
      ),
    );
  }
  return warned.length;
}
