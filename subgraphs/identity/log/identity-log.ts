import type { Selectable } from 'kysely';
import type { IdentityEvent } from '#contract/identity.ts';
import type { IdentityDatabase, IdentityLogTable } from '../database/tables.ts';

export type LogRow = Selectable<IdentityLogTable>;

/** What a gateway needs to know of a row: its number, and what it touches, if anything. */
export type LoggedEvent = Pick<LogRow, 'sequence' | 'touches' | 'touched_id'>;

/** Reads `identity_log`. A row that is seen stays; none before it appears later. */
export interface IdentityLog {
  /** The number of the last row; 0 when there is none. */
  highest(): Promise<number>;
  /** The rows after a number, in order, at most `limit`. */
  after(sequence: number, limit: number): Promise<readonly LoggedEvent[]>;
}

export function createIdentityLog(database: IdentityDatabase): IdentityLog {
  return {
    async highest() {
      const row = await database
        .selectFrom('identity_log')
        .select('sequence')
        .orderBy('sequence', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.sequence ?? 0;
    },
    after: (sequence, limit) =>
      database
        .selectFrom('identity_log')
        .select(['sequence', 'touches', 'touched_id'])
        .where('sequence', '>', sequence)
        .orderBy('sequence')
        .limit(limit)
        .execute(),
  };
}

/** The event that a row is to gateways; null when nothing that they remember is touched. */
export function eventOf({ sequence, touches, touched_id: id }: LoggedEvent): IdentityEvent | null {
  return touches === null ? null : Object.freeze({ sequence, touches, id });
}
