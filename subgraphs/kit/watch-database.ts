import type { Database } from './database.ts';
import { sourceOf } from './database-source.ts';
import type { DatabaseWatch, WatchOptions } from './database-watch.ts';
import { listenToPostgres } from './listen-to-postgres.ts';
import { pollSqlite } from './poll-sqlite.ts';

/**
 * Tells when a database may have changed, also when another process or somebody with `psql` changed it.
 *
 * PostgreSQL says so on a connection of its own (`LISTEN`); SQLite is asked every few milliseconds
 * (`PRAGMA data_version`). It is a hint and may come once too often: what has changed is for the reader to find out.
 * @throws TypeError for a database that `openDatabase` did not open
 */
export function watchDatabase(database: Database, options: WatchOptions): DatabaseWatch {
  const source = sourceOf(database);
  return source.kind === 'sqlite'
    ? pollSqlite(source.connection, options)
    : listenToPostgres(source.url, options);
}
