import type { DatabaseSync } from 'node:sqlite';
import type { DatabaseWatch, WatchOptions } from './database-watch.ts';

const POLL_MS = 25;

/**
 * Looks every 25 ms whether anybody has changed the file. Both questions are answered from memory that SQLite's
 * processes share: `data_version` knows of other connections, `total_changes` of this one.
 */
export function pollSqlite(
  connection: DatabaseSync,
  { onChange, onOutage }: Omit<WatchOptions, 'channel'>,
): DatabaseWatch {
  let isBroken = false;
  let last = '';
  const version = connection.prepare('pragma data_version');
  const changes = connection.prepare('select total_changes() as total');

  const look = (): void => {
    try {
      const now = `${version.get()?.data_version} ${changes.get()?.total}`;
      isBroken = false;
      if (now === last) return;
      last = now;
    } catch (error) {
      if (!isBroken) onOutage(error);
      isBroken = true;
      return;
    }
    onChange();
  };

  look();
  const timer = setInterval(look, POLL_MS).unref();
  return {
    async close() {
      clearInterval(timer);
    },
  };
}
