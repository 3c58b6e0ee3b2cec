import { type IdentityDatabase, timeOf } from '../database/tables.ts';
import { endOf, type SessionLife } from './live-session.ts';

/** Enough for everything that one person uses; a program that signs in for each request has no more. */
const MAX_SESSIONS = 100;

/** Removes what has ended of a person's sessions, and the oldest of too many. */
export async function clearSessions(
  database: IdentityDatabase,
  userId: string,
  life: SessionLife,
  now: number,
): Promise<void> {
  const rows = await database
    .selectFrom('session')
    .select(['id', 'createdAt', 'expiresAt', 'seen_at'])
    .where('userId', '=', userId)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .execute();
  const ended = rows.filter((row, index) => {
    const createdAt = timeOf(row.createdAt);
    const expiresAt = timeOf(row.expiresAt);
    const end = endOf({ createdAt, seenAt: row.seen_at ?? createdAt, expiresAt }, life);
    return index >= MAX_SESSIONS || end <= now;
  });
  for (const { id } of ended) {
    await database
      .deleteFrom('session')
      .where('id', '=', id)
      .where('userId', '=', userId)
      .execute();
  }
}
