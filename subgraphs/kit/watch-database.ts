import type { Database } from './database.ts';
import { sourceOf } from './database-source.ts';
import { listenToPostgres } from './listen-to-postgres.ts';
import { pollSqlite } from './poll-sqlite.ts';

export interface WatchOptions {
  /** What the database notifies on PostgreSQL (`pg_notify`), usually in a trigger. An identifier of ours. */
  readonly channel: string;
  /** Something may have changed since the last call, whoever changed it. It must not throw. */
  readonly onChange: () => void;
  /** Told once of each outage of the watch itself; changes are then only looked for now and then. */
  readonly onOutage: (error: unknown) => void;
}

export interface DatabaseWatch {
  /** Stops; nothing is called from then on. */
  close(): Promise<void>;
}

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
