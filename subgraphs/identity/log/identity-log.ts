import type { Selectable } from 'kysely';
import type { IdentityEvent } from '#contract/identity.ts';
import { type FeedPosition, startOfFeed } from '#contract/identity-feed.ts';
import type { BoundedWork } from '../bounded-work.ts';
import type { IdentityDatabase, IdentityLogTable } from '../database/tables.ts';

export type LogRow = Selectable<IdentityLogTable>;

/** What a gateway needs to know of a row: its place, and what it touches, if anything. */
export type LoggedEvent = Pick<LogRow, 'sequence' | 'at' | 'touches' | 'touched_id'>;

/** Reads `identity_log`. A row that is seen stays; none before it appears later. */
export interface IdentityLog {
  /** The place of the last row. */
  end(): Promise<FeedPosition>;
  /** The rows from a number on (that one included), in order, at most `limit`. */
  from(sequence: number, limit: number): Promise<readonly LoggedEvent[]>;
}

export function createIdentityLog(database: IdentityDatabase): IdentityLog {
  return {
    async end() {
      const row = await database
        .selectFrom('identity_log')
        .select(['sequence', 'at'])
        .orderBy('sequence', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row ?? startOfFeed;
    },
    from: (sequence, limit) =>
      database
        .selectFrom('identity_log')
        .select(['sequence', 'at', 'touches', 'touched_id'])
        .where('sequence', '>=', sequence)
        .orderBy('sequence')
        .limit(limit)
        .execute(),
  };
}

/**
 * The same log, for many who are behind: only a few read at once, since look-ups of callers go over the same
 * connections.
 */
export function boundedLog(log: IdentityLog, reads: BoundedWork): IdentityLog {
  return {
    end: () => reads.run(() => log.end()),
    from: (sequence, limit) => reads.run(() => log.from(sequence, limit)),
  };
}

/**
 * The rows after a place, at most `limit`; null when the log does not go through that place: it is not the log that
 * was read then.
 */
export async function rowsAfter(
  log: IdentityLog,
  { sequence, at }: FeedPosition,
  limit: number,
): Promise<readonly LoggedEvent[] | null> {
  if (sequence === 0) return log.from(1, limit);
  const [known, ...rows] = await log.from(sequence, limit + 1);
  return known?.sequence === sequence && known.at === at ? rows : null;
}

/** The event that a row is to gateways; null when nothing that they remember is touched. */
export function eventOf({ sequence, touches, touched_id: id }: LoggedEvent): IdentityEvent | null {
  return touches === null ? null : Object.freeze({ sequence, touches, id });
}
