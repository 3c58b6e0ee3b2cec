import type { FastifyBaseLogger } from 'fastify';
import type { PepperRing } from '../api-keys/pepper-ring.ts';
import { type Sweep, type SweepParts, sweepKeys } from './sweep-keys.ts';

const FIRST_AFTER_MS = 60_000;
const EVERY_MS = 3_600_000;

/** Looks through the keys of a store again and again: a minute after the start, and then every hour. */
export interface KeyCare {
  /** Looks through them now. */
  sweep(): Promise<Sweep>;
  /** How many live keys are still stored under a pepper other than the newest, which none of them may outlive. */
  keysUnderOlderPeppers(): Promise<number>;
  close(): Promise<void>;
}

export interface KeyCareParts extends SweepParts {
  readonly peppers: PepperRing;
  readonly logger: Pick<FastifyBaseLogger, 'info' | 'error'>;
}

export function createKeyCare(parts: KeyCareParts): KeyCare {
  const { database, clock, peppers, logger } = parts;
  let running: Promise<void> | null = null;

  async function keysUnderOlderPeppers(): Promise<number> {
    const newest = peppers.hash('').version;
    const now = clock.now();
    const { count } = await database
      .selectFrom('api_key')
      .select((query) => query.fn.countAll().as('count'))
      .where('revoked_at', 'is', null)
      .where((is) => is.or([is('expires_at', 'is', null), is('expires_at', '>', now)]))
      .where((is) =>
        is.or([
          is('pepper_version', '!=', newest),
          is.and([is('former_pepper_version', '!=', newest), is('former_until', '>', now)]),
        ]),
      )
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  async function look(): Promise<void> {
    try {
      const sweep = await sweepKeys(parts);
      if (sweep.disabled > 0 || sweep.warned > 0) logger.info(sweep, 'keys were looked through');
      const keys = await keysUnderOlderPeppers();
      if (keys > 0) logger.info({ keys }, 'keys are still stored under an older pepper');
    } catch (error) {
      // Errors of the store can quote a statement; its name says enough.
      const reason = error instanceof Error ? error.name : 'unknown';
      logger.error({ reason }, 'keys could not be looked through');
    }
  }

  function begin(): void {
    running ??= look().finally(() => {
      running = null;
    });
  }

  const first = setTimeout(begin, FIRST_AFTER_MS).unref();
  const again = setInterval(begin, EVERY_MS).unref();
  return {
    sweep: () => sweepKeys(parts),
    keysUnderOlderPeppers,
    async close() {
      clearTimeout(first);
      clearInterval(again);
      await running;
    },
  };
}
