import type { FastifyBaseLogger } from 'fastify';
import { type Database, type DatabaseWatch, watchDatabase } from '#subgraphs/kit/index.ts';
import type { IdentityEvents } from './identity-events.ts';
import { LOG_CHANNEL } from './notify-of-log.ts';

/**
 * Has the events told whenever the database changes, whoever changes it. What cannot be read is read when the
 * database says or is asked the next time, within a second.
 */
export function followDatabase(
  database: Database,
  events: IdentityEvents,
  log: FastifyBaseLogger,
): DatabaseWatch {
  let isFailing = false;
  return watchDatabase(database, {
    channel: LOG_CHANNEL,
    onChange() {
      events.catchUp().then(
        () => {
          if (isFailing) log.info('the log of identity is read again');
          isFailing = false;
        },
        (error: unknown) => {
          if (!isFailing) log.error({ reason: reasonOf(error) }, 'the log of identity is not read');
          isFailing = true;
        },
      );
    },
    onOutage: (error) =>
      log.error({ reason: reasonOf(error) }, 'the database is no longer listened to'),
  });
}

/** Without the statement and its parameters, which an error can hold besides. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : 'unknown';
}
