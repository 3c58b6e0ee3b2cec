import type { Clock } from '#contract/clock.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import type { Mailer } from '../mail/mailer.ts';
import { keyMail } from './key-mails.ts';
import { forgetStale, type KeyNotice, settleNotices, takeNotices } from './key-notices.ts';

export interface TellOwnersParts {
  readonly database: IdentityDatabase;
  readonly clock: Clock;
  readonly mailer: Mailer;
  readonly brand: string;
  readonly isOn: boolean;
}

/** So many of those who govern an organization are told of a service account's keys. */
const MAX_RECIPIENTS = 10;
/** After so many messages in a row that nobody took, the server is away: the others wait for the next look. */
const MAX_FAILURES = 3;

/**
 * Tells owners by mail which of their keys end soon or were disabled, each once: one message for all keys of an owner.
 * What nobody takes is tried again at a later look, a few times. It never throws for a message that is not taken.
 * @returns how many keys somebody was told of
 */
export async function tellOwners(parts: TellOwnersParts, signal?: AbortSignal): Promise<number> {
  const { database, clock, mailer, brand, isOn } = parts;
  if (!isOn || !mailer.isAvailable) return 0;
  await forgetStale(database, clock.now());
  const taken = await takeNotices(database, clock.now());
  const letters = Map.groupBy(taken, ({ owner_id, organization_id, about }) =>
    [owner_id, organization_id, about].join(' '),
  );
  let told = 0;
  let failures = 0;
  for (const [first, ...others] of letters.values()) {
    if (first === undefined) continue;
    const notices = [first, ...others] as const;
    if (failures >= MAX_FAILURES || signal?.aborted) {
      await settleNotices(database, notices, 'not-tried');
      continue;
    }
    const recipients = await recipientsOf(database, first);
    let isTaken = recipients.length === 0;
    for (const to of recipients) {
      const attempt = mailer.attempt(keyMail({ to, brand, notices }));
      isTaken = (await unlessAborted(attempt, signal)) || isTaken;
    }
    failures = isTaken ? 0 : failures + 1;
    if (!isTaken) continue;
    // Also when there is nobody who could be told.
    await settleNotices(database, notices, 'told');
    if (recipients.length > 0) told += notices.length;
  }
  return told;
}

/** Whoever closes does not wait for a server that says nothing. */
async function unlessAborted(attempt: Promise<boolean>, signal?: AbortSignal): Promise<boolean> {
  if (signal === undefined) return attempt;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const stop = () => resolve(false);
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([attempt, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The person whose key it is, while they belong to its organization; of a service account, those who govern it. */
async function recipientsOf(
  database: IdentityDatabase,
  { owner_id, owner_kind, organization_id }: KeyNotice,
): Promise<readonly string[]> {
  const rows = await database
    .selectFrom('member')
    .innerJoin('user', 'user.id', 'member.userId')
    .select('user.email')
    .where('member.organizationId', '=', organization_id ?? '')
    .where('member.suspended_at', 'is', null)
    .where('user.suspendedAt', 'is', null)
    .$if(owner_kind === 'user', (query) => query.where('member.userId', '=', owner_id))
    .$if(owner_kind === 'service_account', (query) =>
      query.where('member.role', 'in', ['owner', 'admin']),
    )
    .orderBy('member.createdAt')
    .orderBy('member.id')
    .limit(MAX_RECIPIENTS)
    .execute();
  return rows.map(({ email }) => email);
}
