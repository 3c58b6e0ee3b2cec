import { type IdentityDatabase, timeOf } from '../database/tables.ts';
import type { PageRequest } from '../page.ts';
import { endOf, type SessionLife } from './live-session.ts';
import { networkOf } from './throttle-rules.ts';
import { userAgentFamily } from './user-agent-family.ts';

/** A session as its person sees it. Times are milliseconds since the epoch. */
export interface SessionRecord {
  readonly id: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
  /** A network, never a whole address. */
  readonly network: string | null;
  readonly userAgent: string | null;
}

/** The sessions of a person that hold now, newest first: up to one more than the page is to have. */
export type ListSessions = (
  userId: string,
  page: PageRequest,
  now: number,
) => Promise<readonly SessionRecord[]>;

export function createSessionReader(database: IdentityDatabase, life: SessionLife): ListSessions {
  return async (userId, { first, after }, now) => {
    // `clearSessions` sees to it that they are few.
    const rows = await database
      .selectFrom('session')
      .select(['id', 'createdAt', 'expiresAt', 'seen_at', 'ipAddress', 'userAgent'])
      .where('userId', '=', userId)
      .execute();
    return rows
      .map((row) => {
        const createdAt = timeOf(row.createdAt);
        const seenAt = row.seen_at ?? createdAt;
        return {
          id: row.id,
          createdAt,
          lastSeenAt: seenAt,
          expiresAt: endOf({ createdAt, seenAt, expiresAt: timeOf(row.expiresAt) }, life),
          network: truncated(row.ipAddress),
          userAgent: userAgentFamily(row.userAgent),
        };
      })
      .filter(({ expiresAt }) => expiresAt > now)
      .sort((one, other) => other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1))
      .filter(
        ({ createdAt, id }) =>
          after === null || createdAt < after.at || (createdAt === after.at && id < after.id),
      )
      .slice(0, first + 1);
  };
}

/** `203.0.113.0/24`, `2001:db8:1::/48`. */
function truncated(address: string | null): string | null {
  if (address === null || address === '') return null;
  const network = networkOf(address);
  const bytes = network.split('.');
  if (bytes.length === 4) return `${bytes.slice(0, 3).join('.')}.0/24`;
  const groups = network.split(':');
  return groups.length === 4 ? `${groups.slice(0, 3).join(':')}::/48` : null;
}
