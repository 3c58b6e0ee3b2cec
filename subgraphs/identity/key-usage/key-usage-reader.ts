import type { Clock } from '#contract/clock.ts';
import { createBatch } from '#subgraphs/kit/index.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { DAY_MS, dayOf } from './key-usage.ts';

/** The last use of a key, as the graph shows it. `at` is milliseconds since the epoch. */
export interface LastUse {
  readonly at: number;
  readonly network: string | null;
  readonly userAgent: string | null;
}

/** How often a key was used on a day, `2026-11-25` in UTC. */
export interface DayOfUse {
  readonly day: string;
  readonly count: number;
}

export interface KeyUsageReader {
  /** Look-ups of one turn of the event loop are one query. */
  lastUse(keyId: string): Promise<LastUse | undefined>;
  /** The days among the last `days`, today included, on which it was used; the newest first. */
  days(keyId: string, days: number): Promise<readonly DayOfUse[]>;
}

export function createKeyUsageReader(database: IdentityDatabase, clock: Clock): KeyUsageReader {
  const counts = createBatch(async (asked: readonly string[]) => {
    const wanted = asked.map(readAsked);
    const oldest = Math.min(...wanted.map(({ since }) => since));
    const rows = await database
      .selectFrom('api_key_usage_day')
      .selectAll()
      .where('key_id', 'in', [...new Set(wanted.map(({ keyId }) => keyId))])
      .where('day', '>=', oldest)
      .orderBy('day', 'desc')
      .execute();
    const byKey = Map.groupBy(rows, (row) => row.key_id);
    return new Map(
      wanted.map(({ text, keyId, since }) => [
        text,
        (byKey.get(keyId) ?? []).filter(({ day }) => day >= since),
      ]),
    );
  });
  return {
    lastUse: createBatch(async (ids: readonly string[]) => {
      const rows = await database
        .selectFrom('api_key_use')
        .selectAll()
        .where('key_id', 'in', ids)
        .execute();
      return new Map(
        rows.map((row) => [
          row.key_id,
          { at: row.used_at, network: row.network, userAgent: row.user_agent },
        ]),
      );
    }),

    async days(keyId, days) {
      const rows = await counts(`${dayOf(clock.now()) - days + 1} ${keyId}`);
      return (rows ?? []).map(({ day, count }) => ({
        day: new Date(day * DAY_MS).toISOString().slice(0, 10),
        count,
      }));
    },
  };
}

function readAsked(text: string) {
  const split = text.indexOf(' ');
  return { text, since: Number(text.slice(0, split)), keyId: text.slice(split + 1) };
}
