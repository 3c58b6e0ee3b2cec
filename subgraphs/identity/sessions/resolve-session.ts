import type { Caller } from '#contract/caller.ts';
import { type IdentityDatabase, timeOf } from '../database/tables.ts';
import { findSessionPlace } from './session-place.ts';
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
    .select(['id', 'userId', 'expiresAt', 'activeOrganizationId'])
    .where('token', '=', token)
    .executeTakeFirst();
  if (row === undefined) return null;
  const expiresAt = timeOf(row.expiresAt);
  // A time that cannot be read is NaN, which is never later than now.
  if (!(expiresAt > now)) return null;
  const place = await findSessionPlace(database, row.userId, row.activeOrganizationId);
  if (place === null) return null;
  return Object.freeze({
    kind: 'session',
    subject: row.userId,
    organization: place.organization,
    project: null,
    environment: null,
    permissions: place.permissions,
    credentialId: row.id,
    expiresAt,
    asOfSequence,
  });
}
