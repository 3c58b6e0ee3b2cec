import type { Selectable } from 'kysely';
import type { KeyNoticeTable } from '../database/key-tables.ts';
import type { IdentityDatabase, IdentityTransaction } from '../database/tables.ts';

/** Something that the owner of a key is to be told, with what has to be said of the key. */
export interface KeyNotice
  extends Pick<Selectable<KeyNoticeTable>, 'about' | 'at' | 'within_days'> {
  readonly key_id: string;
  readonly tries: number;
  readonly name: string;
  readonly prefix: string;
  readonly owner_id: string;
  readonly owner_kind: 'user' | 'service_account';
  readonly organization_id: string | null;
  readonly organization: string | null;
}

/** A notice that nobody took so often is given up. */
export const MAX_TRIES = 5;
/** Nobody else tries meanwhile: several processes look through the same keys. */
const TRY_AGAIN_MS = 30 * 60_000;
/** In one look: the others are for the next one. */
const MAX_NOTICES = 500;

/** Notes down what owners are to be told; what is noted already stays as it is. */
export async function noteDown(
  transaction: IdentityTransaction,
  notices: readonly Pick<Selectable<KeyNoticeTable>, 'key_id' | 'about' | 'at' | 'within_days'>[],
): Promise<void> {
  if (notices.length === 0) return;
  await transaction
    .insertInto('key_notice')
    .values([...notices])
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Forgets what does not hold any more: a key that was revoked, let in again, or has another end. */
export async function forgetStale(database: IdentityDatabase, now: number): Promise<void> {
  await database
    .deleteFrom('key_notice')
    .where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom('api_key')
            .select('api_key.id')
            .whereRef('api_key.id', '=', 'key_notice.key_id')
            .where('api_key.revoked_at', 'is', null)
            .where((each) =>
              each.or([
                each.and([
                  each('key_notice.about', '=', 'expiry'),
                  each('api_key.expires_at', '>', now),
                  each('api_key.expires_at', '=', each.ref('key_notice.at')),
                ]),
                each.and([
                  each('key_notice.about', '=', 'disuse'),
                  each('api_key.disabled_reason', '=', 'unused'),
                  each('api_key.disabled_at', '=', each.ref('key_notice.at')),
                ]),
              ]),
            ),
        ),
      ),
    )
    .execute();
}

/**
 * Takes what is to be told now, and counts the try: nobody else takes it for a while, and what is taken too often is
 * not taken again.
 */
export async function takeNotices(
  database: IdentityDatabase,
  now: number,
): Promise<readonly KeyNotice[]> {
  return database.transaction().execute(async (transaction) => {
    const due = await transaction
      .selectFrom('key_notice')
      .innerJoin('api_key', 'api_key.id', 'key_notice.key_id')
      .leftJoin('organization', 'organization.id', 'api_key.organization_id')
      .select([
        'key_notice.key_id',
        'key_notice.about',
        'key_notice.at',
        'key_notice.within_days',
        'key_notice.tries',
        'api_key.name',
        'api_key.prefix',
        'api_key.owner_id',
        'api_key.owner_kind',
        'api_key.organization_id',
        'organization.name as organization',
      ])
      .where('key_notice.tries', '<', MAX_TRIES)
      .where((is) => is.or([is('tried_at', 'is', null), is('tried_at', '<=', now - TRY_AGAIN_MS)]))
      .orderBy('key_notice.at')
      .orderBy('key_notice.key_id')
      .limit(MAX_NOTICES)
      .execute();
    const taken: KeyNotice[] = [];
    for (const notice of due) {
      const { numUpdatedRows } = await transaction
        .updateTable('key_notice')
        .set({ tries: notice.tries + 1, tried_at: now })
        .where('key_id', '=', notice.key_id)
        .where('about', '=', notice.about)
        .where('at', '=', notice.at)
        .where('within_days', '=', notice.within_days)
        .where('tries', '=', notice.tries)
        .executeTakeFirst();
      if (numUpdatedRows === 1n) taken.push(notice);
    }
    return taken;
  });
}

/** What was told is forgotten; what was not even tried, as no server took anything, is tried again as if nobody had. */
export async function settleNotices(
  database: IdentityDatabase,
  notices: readonly KeyNotice[],
  outcome: 'told' | 'not-tried',
): Promise<void> {
  for (const { key_id, about, at, within_days, tries } of notices) {
    const same = { key_id, about, at, within_days };
    if (outcome === 'told') {
      await database
        .deleteFrom('key_notice')
        .where((is) => is.and(same))
        .execute();
    } else {
      await database
        .updateTable('key_notice')
        .set({ tries, tried_at: null })
        .where((is) => is.and(same))
        .execute();
    }
  }
}
