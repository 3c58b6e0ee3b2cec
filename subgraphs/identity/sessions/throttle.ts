import { createHmac } from 'node:crypto';
import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import type { Dialect } from '#subgraphs/kit/index.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { type ThrottleRule, waitAfter } from './throttle-rules.ts';

const CLEAN_UP_EVERY_MS = 60_000;

/** Something that is tried, named as precisely as it is counted: `account:ada@example.com`. */
export interface Tried {
  readonly what: string;
  readonly rule: ThrottleRule;
  /** What happens to the count in the end: all is forgotten when it went well, or the try is none after all. */
  readonly outcome?: 'forget when right' | 'take back when right' | 'take back when refused';
}

/**
 * Counts tries in the store, for all processes together. A try counts when it begins, so that many at once are many;
 * what turns out well is forgiven.
 */
export interface Throttle {
  /**
   * Counts a try under each of these names.
   * @throws CodedError RATE_LIMITED with `retryAfter`, in seconds, when one of them has to wait; then none is counted
   */
  begin(tried: readonly Tried[]): Promise<void>;
  /** Says how it ended, for what counts differently then. */
  end(tried: readonly Tried[], wentWell: boolean): Promise<void>;
}

export interface ThrottleOptions {
  readonly database: IdentityDatabase;
  readonly dialect: Dialect;
  readonly clock: Clock;
  /** Keys the names: the store shows no address that somebody tried. */
  readonly secret: string;
}

export function createThrottle({ database, dialect, clock, secret }: ThrottleOptions): Throttle {
  let cleanUpAt = 0;
  const keyOf = (what: string) => createHmac('sha256', secret).update(what).digest('base64url');

  async function cleanUp(now: number): Promise<void> {
    if (now < cleanUpAt) return;
    cleanUpAt = now + CLEAN_UP_EVERY_MS;
    await database.deleteFrom('throttle').where('forget_at', '<=', now).execute();
  }

  return {
    async begin(tried) {
      const now = clock.now();
      await cleanUp(now);
      // In one order, so that nobody waits for somebody who waits for them.
      const entries = tried
        .map(({ what, rule }) => ({ key: keyOf(what), rule }))
        .sort((one, other) => (one.key < other.key ? -1 : 1));
      const until = await database.transaction().execute(async (transaction) => {
        const next = [];
        let blockedUntil = 0;
        for (const { key, rule } of entries) {
          const first = { key, count: 0, blocked_until: 0, forget_at: now + rule.forgetAfter };
          await transaction
            .insertInto('throttle')
            .values(first)
            .onConflict((conflict) => conflict.column('key').doNothing())
            .execute();
          const row = await transaction
            .selectFrom('throttle')
            .selectAll()
            .where('key', '=', key)
            .$if(dialect === 'postgres', (query) => query.forUpdate())
            .executeTakeFirstOrThrow();
          const count = (row.forget_at <= now ? 0 : row.count) + 1;
          if (row.forget_at > now) blockedUntil = Math.max(blockedUntil, row.blocked_until);
          next.push({ key, rule, count });
        }
        if (blockedUntil > now) return blockedUntil;
        for (const { key, rule, count } of next) {
          const blocked_until = now + waitAfter(count, rule);
          await transaction
            .updateTable('throttle')
            .set({ count, blocked_until, forget_at: blocked_until + rule.forgetAfter })
            .where('key', '=', key)
            .execute();
        }
        return null;
      });
      if (until === null) return;
      throw new CodedError('RATE_LIMITED', undefined, {
        extensions: { retryAfter: Math.ceil((until - now) / 1_000) },
      });
    },
    async end(tried, wentWell) {
      for (const { what, outcome } of tried) {
        const key = keyOf(what);
        if (outcome === 'forget when right' && wentWell) {
          await database.deleteFrom('throttle').where('key', '=', key).execute();
        }
        if (outcome === (wentWell ? 'take back when right' : 'take back when refused')) {
          await database
            .updateTable('throttle')
            // It could begin, and so nothing was blocked before it.
            .set((is) => ({ count: is('count', '-', 1), blocked_until: 0 }))
            .where('key', '=', key)
            .where('count', '>', 0)
            .execute();
        }
      }
    },
  };
}
