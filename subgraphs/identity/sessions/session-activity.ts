import type { FastifyBaseLogger } from 'fastify';
import type { IdentityDatabase } from '../database/tables.ts';
import type { LiveSession } from './live-session.ts';

const WRITE_EVERY_MS = 60_000;

/** Notes when sessions are used, off the path of whoever uses them, each at most once a minute. */
export interface SessionActivity {
  seen(session: Pick<LiveSession, 'id' | 'seenAt'>, now: number): void;
  /** Settles when all is noted. */
  idle(): Promise<void>;
}

export function createSessionActivity(
  database: IdentityDatabase,
  logger: Pick<FastifyBaseLogger, 'warn'>,
): SessionActivity {
  const writing = new Map<string, Promise<void>>();

  async function write(id: string, now: number): Promise<void> {
    try {
      await database
        .updateTable('session')
        .set({ seen_at: now })
        .where('id', '=', id)
        // Another process may have been first.
        .where((is) =>
          is.or([is('seen_at', 'is', null), is('seen_at', '<=', now - WRITE_EVERY_MS)]),
        )
        .execute();
    } catch (error) {
      const reason = error instanceof Error ? error.name : 'unknown reason';
      logger.warn({ reason }, 'the use of a session could not be noted');
    } finally {
      writing.delete(id);
    }
  }

  return {
    seen({ id, seenAt }, now) {
      if (now - seenAt < WRITE_EVERY_MS || writing.has(id)) return;
      writing.set(id, write(id, now));
    },
    async idle() {
      await Promise.all(writing.values());
    },
  };
}
