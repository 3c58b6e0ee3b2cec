import type { FastifyBaseLogger } from 'fastify';
import type { PepperRing } from '../api-keys/pepper-ring.ts';
import type { Mailer } from '../mail/mailer.ts';
import { type Sweep, type SweepParts, sweepKeys } from './sweep-keys.ts';
import { tellOwners } from './tell-owners.ts';

const FIRST_AFTER_MS = 60_000;
const EVERY_MS = 3_600_000;

/** Looks through the keys of a store again and again: a minute after the start, and then every hour. */
export interface KeyCare {
  /** Looks through them now. */
  sweep(): Promise<Sweep>;
  /** Tells owners by mail what the looks until now have found. @returns of how many keys somebody was told */
  tellOwners(): Promise<number>;
  /** How many live keys are still stored under a pepper other than the newest, which none of them may outlive. */
  keysUnderOlderPeppers(): Promise<number>;
  close(): Promise<void>;
}

export interface KeyCareParts extends Omit<SweepParts, 'mails'> {
  readonly mailer: Mailer;
  /** What mails call this service. */
  readonly brand: string;
  readonly peppers: PepperRing;
  readonly logger: Pick<FastifyBaseLogger, 'info' | 'error'>;
}

export function createKeyCare(parts: KeyCareParts): KeyCare {
  const { database, clock, peppers, mailer, settings, logger } = parts;
  const mails = settings.keyNotices.mail && mailer.isAvailable;
  const closing = new AbortController();
  const tell = () => tellOwners({ ...parts, isOn: mails }, closing.signal);
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
      const sweep = await sweepKeys({ ...parts, mails });
      if (sweep.disabled > 0 || sweep.warned > 0) logger.info(sweep, 'keys were looked through');
      await tell();
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
    sweep: () => sweepKeys({ ...parts, mails }),
    tellOwners: tell,
    keysUnderOlderPeppers,
    async close() {
      closing.abort();
      clearTimeout(first);
      clearInterval(again);
      await running;
    },
  };
}
