import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { NodeSqliteDialect } from '@better-auth/kysely-adapter/node-sqlite-dialect';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { CodedError } from '#contract/errors.ts';
import { tellingChanges } from './context-driver.ts';
import { rememberSource, sourceOf } from './database-source.ts';
import { createPostgresPool, type PostgresPoolOptions } from './postgres-pool.ts';

/** A store whose tables are not yet named; `$extendTables` names a subgraph's own. */
export type Database = Kysely<unknown>;

const OWNER_ALONE = 0o600;

export interface DatabaseOptions {
  /** A `postgres://` URL; without one the store is the SQLite file. */
  readonly url?: string | undefined;
  readonly file: string;
  /** The connections of PostgreSQL's pool. */
  readonly poolSize?: number | undefined;
  /** How long one of them may be silent while a query runs, before it is given up; migrations may be longer. */
  readonly silenceLimitMs?: number | undefined;
}

/**
 * Opens the one store of this process. Hand the same instance to everyone: two of them on one SQLite
 * file lose acknowledged writes or block each other.
 *
 * @throws CodedError DATABASE_UNAVAILABLE when PostgreSQL cannot be reached or the file is not a database,
 * DATA_FOLDER_UNUSABLE when the file's folder cannot be written
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { url, file } = options;
  if (url === undefined || url === '') return openSqlite(file);
  const { poolSize = 10, silenceLimitMs = 30_000 } = options;
  return openPostgres(url, { size: poolSize, silenceLimitMs });
}

/**
 * One connection, whose statements Kysely's dialect runs one after the other and whose transactions it never
 * mixes. A transaction takes the write lock when it begins: one that upgrades later fails at once when
 * another process has written meanwhile, however long `busy_timeout` is.
 */
class ImmediateDatabase extends DatabaseSync {
  override prepare(text: string): StatementSync {
    return super.prepare(text === 'begin' ? 'begin immediate' : text);
  }
}

function openSqlite(file: string): Database {
  const folder = dirname(file);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new CodedError('DATA_FOLDER_UNUSABLE', `The data folder cannot be written: ${folder}`, {
      cause,
    });
  }
  try {
    keepToOwner(file);
    const connection = new ImmediateDatabase(file, { enableForeignKeyConstraints: true });
    // An acknowledged write survives SIGKILL and a power cut.
    connection.exec('PRAGMA busy_timeout = 5000');
    connection.exec('PRAGMA journal_mode = WAL');
    connection.exec('PRAGMA synchronous = FULL');
    connection.exec('BEGIN IMMEDIATE; ROLLBACK');
    const dialect = new NodeSqliteDialect({ database: connection });
    const database = new Kysely<unknown>({ dialect: tellingChanges(dialect, 'sqlite') });
    rememberSource(database, { kind: 'sqlite', connection });
    return database;
  } catch (cause) {
    throw new CodedError(
      'DATABASE_UNAVAILABLE',
      `The database file cannot be opened for writing: ${file} (${reasonOf(cause)})`,
      { cause },
    );
  }
}

/** What is in the file is for its owner alone. SQLite makes the files beside it with the same mode. */
function keepToOwner(file: string): void {
  // A file that is there is not opened: closing it would end the locks that SQLite has on it in this process.
  unless('EEXIST', () => closeSync(openSync(file, 'wx', OWNER_ALONE)));
  for (const each of [file, `${file}-wal`, `${file}-shm`]) {
    unless('ENOENT', () => {
      if ((statSync(each).mode & 0o077) !== 0) chmodSync(each, OWNER_ALONE);
    });
  }
}

/** Does it, and takes this one failure for done. */
function unless(code: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
  }
}

async function openPostgres(url: string, options: PostgresPoolOptions): Promise<Database> {
  const address = addressOf(url);
  const database = postgresDatabase(url, options);
  try {
    await sql`select 1`.execute(database);
    rememberSource(database, { kind: 'postgres', url });
    return database;
  } catch (cause) {
    await database.destroy();
    throw new CodedError(
      'DATABASE_UNAVAILABLE',
      `The database cannot be reached at ${address} (${reasonOf(cause)})`,
      { cause },
    );
  }
}

/**
 * Runs `work` on a database whose queries may take as long as they need: a table is not changed, nor another process'
 * turn waited for, within the time of a request.
 * @throws TypeError for a database that `openDatabase` did not open
 */
export async function withoutSilenceLimit<T>(
  database: Database,
  work: (patient: Database) => Promise<T>,
): Promise<T> {
  const source = sourceOf(database);
  if (source.kind === 'sqlite') return work(database);
  const patient = postgresDatabase(source.url, { size: 1, silenceLimitMs: null });
  try {
    return await work(patient);
  } finally {
    await patient.destroy();
  }
}

function postgresDatabase(url: string, options: PostgresPoolOptions): Database {
  const dialect = new PostgresDialect({ pool: createPostgresPool(url, options) });
  return new Kysely<unknown>({ dialect: tellingChanges(dialect, 'postgres') });
}

/** Host and database of the URL, never its password. */
function addressOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new CodedError('CONFIGURATION_INVALID', 'DATABASE_URL must be a postgres:// URL');
  }
  return `${parsed.host}${parsed.pathname}`;
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown reason';
  if (cause.message !== '') return cause.message;
  return 'code' in cause ? String(cause.code) : cause.name;
}
