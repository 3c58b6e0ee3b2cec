import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import { type ChangeContext, type Dialect, inChangeContext } from '#subgraphs/kit/index.ts';
import { lockAll } from '../actors/read-actor.ts';
import { type KeyCandidate, type KeyTexts, matchOf } from '../api-keys/key-texts.ts';
import { revokeWithMade } from '../api-keys/made-by.ts';
import type { KeyRow } from '../api-keys/reach.ts';
import type { LeakResponse } from '../database/key-tables.ts';
import type { IdentityDatabase, IdentityTransaction } from '../database/tables.ts';
import { readCarePolicy } from '../key-care/care-policy.ts';
import type { CareSettings } from '../key-care/care-settings.ts';
import { DAY_MS } from '../key-usage/key-usage.ts';
import type { IdentityEvents } from '../log/identity-events.ts';
import type { LeakReport } from './leak-report.ts';
import { quarantineWithMade } from './quarantine-with-made.ts';

/** Who reports, as far as that is known. */
export type Reporter = Pick<ChangeContext, 'address' | 'requestId'>;

/**
 * Puts keys that were found out of use, as their organizations have it. Whoever reports is told nothing of what was
 * found: that is between identity and the keys' owners.
 * @throws CodedError OVERLOADED while others are worked on
 */
export type ReportLeaks = (reports: readonly LeakReport[], reporter: Reporter) => Promise<void>;

/** Whoever is let in here has to be looked up: it must not keep the store from everybody else. */
const MAX_AT_ONCE = 4;

export interface LeakedKeysParts {
  readonly database: IdentityDatabase;
  readonly dialect: Dialect;
  readonly clock: Clock;
  readonly events: IdentityEvents;
  readonly texts: KeyTexts;
  readonly settings: CareSettings;
}

interface Found {
  readonly id: string;
  readonly owner_id: string;
  readonly organization_id: string | null;
  readonly report: LeakReport;
  readonly candidates: readonly KeyCandidate[];
}

export function createLeakedKeys(parts: LeakedKeysParts): ReportLeaks {
  const { database, dialect, clock, events } = parts;
  let running = 0;

  async function putOutOfUse(hashes: Hashes, reporter: Reporter): Promise<void> {
    const now = clock.now();
    const found = await find(database, hashes, now);
    if (found.length === 0) return;
    const who = { actorKind: 'anonymous', actorId: null, credentialId: null } as const;
    try {
      for (const each of found) {
        await inChangeContext({ at: now, ...who, ...reporter }, () =>
          database.transaction().execute(async (transaction) => {
            // As whoever changes these keys: nothing is made with a key while it is put out of use.
            const locks = [each.owner_id, each.organization_id ?? ''];
            await lockAll(transaction, dialect, locks);
            await respond(transaction, parts.settings, each, now);
          }),
        );
      }
    } finally {
      await events.catchUp();
    }
  }

  return async (reports, reporter) => {
    const hashes = hashesOf(parts.texts, reports);
    if (hashes.size === 0) return;
    if (running >= MAX_AT_ONCE) throw new CodedError('OVERLOADED');
    running += 1;
    try {
      await putOutOfUse(hashes, reporter);
    } finally {
      running -= 1;
    }
  };
}

type Hashes = ReadonlyMap<string, Pick<Found, 'report' | 'candidates'>>;

/** A text that is not shaped like a key is not looked up at all. */
function hashesOf(texts: KeyTexts, reports: readonly LeakReport[]): Hashes {
  const byHash = new Map<string, Pick<Found, 'report' | 'candidates'>>();
  for (const report of reports) {
    const candidates = texts.candidatesOf(report.token);
    for (const { hash } of candidates) byHash.set(hash, { report, candidates });
  }
  return byHash;
}

/** The texts among what was reported that still open something, by one look-up: what has ended costs no more than that. */
async function find(
  database: IdentityDatabase,
  byHash: Hashes,
  now: number,
): Promise<readonly Found[]> {
  const hashes = [...byHash.keys()];
  const rows = await database
    .selectFrom('api_key')
    .select(['id', 'owner_id', 'organization_id', 'hash', 'former_hash'])
    .where('revoked_at', 'is', null)
    .where((is) => is.or([is('expires_at', 'is', null), is('expires_at', '>', now)]))
    .where((is) =>
      is.or([
        is('hash', 'in', hashes),
        is.and([is('former_hash', 'in', hashes), is('former_until', '>', now)]),
      ]),
    )
    .execute();
  return rows.flatMap(({ hash, former_hash: former, ...row }) =>
    // Both texts of a key may have been found.
    [byHash.get(hash), byHash.get(former ?? '')].flatMap((match) =>
      match === undefined ? [] : [{ ...row, ...match }],
    ),
  );
}

async function respond(
  transaction: IdentityTransaction,
  settings: CareSettings,
  { id, organization_id: organization, report, candidates }: Found,
  now: number,
): Promise<void> {
  const row = await transaction
    .selectFrom('api_key')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined || row.revoked_at !== null) return;
  if (row.expires_at !== null && row.expires_at <= now) return;
  const { onLeak } = await readCarePolicy(transaction, settings, organization ?? '');
  const isCurrent = matchOf(candidates, row.hash, row.pepper_version, row.hash_kind) !== undefined;
  if (isCurrent ? wasDone(row, onLeak, now) : !isFormer(row, candidates, onLeak, now)) return;
  await transaction
    .updateTable('api_key')
    .set({
      leaked_at: now,
      leak_url: report.url,
      leak_source: report.source,
      leak_response: onLeak,
      // The key goes on with the text that nobody found.
      ...(!isCurrent && onLeak !== 'notify' && { former_until: now }),
    })
    .where('id', '=', id)
    .execute();
  if (!isCurrent) return;
  if (onLeak === 'revoke') await revokeWithMade(transaction, { organization, id }, now);
  if (onLeak === 'quarantine') await quarantineWithMade(transaction, id, now);
}

/** What is done already is not done again: whoever reports a key over and over fills no log. */
function wasDone(row: KeyRow, onLeak: LeakResponse, now: number): boolean {
  if (onLeak === 'quarantine') return row.disabled_reason === 'leaked';
  return onLeak === 'notify' && wasToldToday(row, now);
}

/** Whether it is a text from before a rotation, which still works. */
function isFormer(
  row: KeyRow,
  candidates: readonly KeyCandidate[],
  onLeak: LeakResponse,
  now: number,
): boolean {
  const { former_hash: hash, former_pepper_version: version, former_hash_kind: kind } = row;
  if (matchOf(candidates, hash, version, kind) === undefined) return false;
  if (row.former_until === null || row.former_until <= now) return false;
  return onLeak !== 'notify' || !wasToldToday(row, now);
}

function wasToldToday({ leaked_at: leakedAt }: KeyRow, now: number): boolean {
  return leakedAt !== null && leakedAt > now - DAY_MS;
}
