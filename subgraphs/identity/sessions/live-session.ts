import { type IdentityDatabase, timeOf } from '../database/tables.ts';
import type { IdentitySettings } from '../settings.ts';

/** How long sessions live, in milliseconds. */
export interface SessionLife {
  readonly idle: number;
  readonly absolute: number;
}

/** A session that holds now. Times are milliseconds since the epoch. */
export interface LiveSession {
  readonly id: string;
  readonly userId: string;
  readonly email: string;
  /** The organization that it was switched to; it counts while the person belongs there. */
  readonly activeOrganizationId: string | null;
  /** Whether a key opened it, and not what only the person knows or has. */
  readonly isOfKey: boolean;
  readonly createdAt: number;
  readonly seenAt: number;
  /** When it ends by itself, if it is not used until then. */
  readonly expiresAt: number;
}

export function sessionLife({ sessions }: IdentitySettings): SessionLife {
  return { idle: sessions.idleMinutes * 60_000, absolute: sessions.absoluteHours * 3_600_000 };
}

/** The session with this token; null when there is none, it has ended, or its person is suspended. */
export async function findLiveSession(
  database: IdentityDatabase,
  token: string,
  life: SessionLife,
  now: number,
): Promise<LiveSession | null> {
  const row = await database
    .selectFrom('session')
    .innerJoin('user', 'user.id', 'session.userId')
    .select([
      'session.id',
      'session.userId',
      'session.createdAt',
      'session.expiresAt',
      'session.seen_at',
      'session.activeOrganizationId',
      'session.opened_by_key',
      'user.email',
    ])
    .where('session.token', '=', token)
    .where('user.suspendedAt', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return null;
  const createdAt = timeOf(row.createdAt);
  const seenAt = row.seen_at ?? createdAt;
  const expiresAt = endOf({ createdAt, seenAt, expiresAt: timeOf(row.expiresAt) }, life);
  // A time that cannot be read is NaN, which is never later than now.
  if (!(expiresAt > now)) return null;
  const { id, userId, email, activeOrganizationId } = row;
  const isOfKey = row.opened_by_key !== null;
  return { id, userId, email, activeOrganizationId, isOfKey, createdAt, seenAt, expiresAt };
}

/** When a session ends: as it was made, too long after it began, or too long after it was last used. */
export function endOf(
  session: { readonly createdAt: number; readonly seenAt: number; readonly expiresAt: number },
  life: SessionLife,
): number {
  return Math.min(session.expiresAt, session.createdAt + life.absolute, session.seenAt + life.idle);
}
