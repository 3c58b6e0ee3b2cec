import type { Caller } from '#contract/caller.ts';
import { type IdentityDatabase, timeOf } from '../database/tables.ts';
import { personalIds } from '../organizations/personal-organization.ts';
import { readLiveRights } from '../rights/live-rights.ts';
import { readSignedSession } from './session-signature.ts';

/** Whose session this is; null when it is nobody's: not signed by us, ended, or of a person who is gone. */
export async function resolveSession(
  database: IdentityDatabase,
  secrets: readonly string[],
  text: string,
  now: number,
  asOfSequence: number,
): Promise<Caller | null> {
  const token = readSignedSession(text, secrets);
  if (token === null) return null;
  const row = await database
    .selectFrom('session')
    .select(['session.id', 'session.userId', 'session.expiresAt'])
    .where('session.token', '=', token)
    .executeTakeFirst();
  if (row === undefined) return null;
  const expiresAt = timeOf(row.expiresAt);
  // A time that cannot be read is NaN, which is never later than now.
  if (!(expiresAt > now)) return null;
  const { organization } = personalIds(row.userId);
  const owner = await readLiveRights(database, row.userId, organization);
  if (owner === null) return null;
  return Object.freeze({
    kind: 'session',
    subject: row.userId,
    organization,
    project: null,
    environment: null,
    permissions: owner.permissions,
    credentialId: row.id,
    expiresAt,
    asOfSequence,
  });
}
