import type { Caller } from '#contract/caller.ts';
import { allPermissions } from '#contract/permissions/scope.ts';
import { type IdentityDatabase, timeOf } from '../database/tables.ts';
import { personalIds } from '../organizations/personal-organization.ts';
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
    .innerJoin('user', 'user.id', 'session.userId')
    .select(['session.id', 'session.userId', 'session.expiresAt'])
    .where('session.token', '=', token)
    .executeTakeFirst();
  if (row === undefined) return null;
  const expiresAt = timeOf(row.expiresAt);
  // A time that cannot be read is NaN, which is never later than now.
  if (!(expiresAt > now)) return null;
  return Object.freeze({
    kind: 'session',
    subject: row.userId,
    organization: personalIds(row.userId).organization,
    project: null,
    environment: null,
    permissions: allPermissions,
    credentialId: row.id,
    expiresAt,
    asOfSequence,
  });
}
