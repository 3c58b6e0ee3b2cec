import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import t, { type Test } from 'tap';
import { type Database, type Dialect, openDatabase } from '#subgraphs/kit/index.ts';

/** Where a test's own store lies: a file in its own folder, and on PostgreSQL a schema of its own. */
export interface StoreLocation {
  readonly dialect: Dialect;
  readonly url: string | undefined;
  readonly file: string;
}

export interface Store extends StoreLocation {
  readonly database: Database;
}

/** Runs a test on SQLite, and on PostgreSQL as well when TEST_DATABASE_URL names one. */
export function onEachStore(name: string, test: (t: Test, store: Store) => Promise<void>): void {
  onEachLocation(name, async (t, location) => {
    const database = await openDatabase(location);
    t.teardown(() => database.destroy());
    await test(t, { ...location, database });
  });
}

/** The same for a test that opens the store itself. */
export function onEachLocation(
  name: string,
  test: (t: Test, location: StoreLocation) => Promise<void>,
): void {
  onSqlite(name, test);
  if (process.env.TEST_DATABASE_URL) onPostgres(name, test);
}

/** The same on SQLite alone. */
export function onSqlite(
  name: string,
  test: (t: Test, location: StoreLocation) => Promise<void>,
): void {
  void t.test(`${name} (SQLite)`, async (t) => {
    await test(t, { dialect: 'sqlite', url: undefined, file: join(t.testdir(), 'castellan.db') });
  });
}

/** The same on PostgreSQL where TEST_DATABASE_URL names one, and on SQLite where it does not. */
export function onServer(
  name: string,
  test: (t: Test, location: StoreLocation) => Promise<void>,
): void {
  if (process.env.TEST_DATABASE_URL) onPostgres(name, test);
  else onSqlite(name, test);
}

/** The same on PostgreSQL alone; skipped when TEST_DATABASE_URL names none. */
export function onPostgres(
  name: string,
  test: (t: Test, location: StoreLocation) => Promise<void>,
): void {
  const server = process.env.TEST_DATABASE_URL ?? '';
  const skip = server === '' && 'TEST_DATABASE_URL is not set';
  void t.test(`${name} (PostgreSQL)`, { skip }, async (t) => {
    const schema = `test_${randomBytes(8).toString('hex')}`;
    await run(server, `create schema ${schema}`);
    t.teardown(() => run(server, `drop schema ${schema} cascade`));
    const url = new URL(server);
    url.searchParams.set('options', `-c search_path=${schema}`);
    await test(t, { dialect: 'postgres', url: url.href, file: join(t.testdir(), 'unused.db') });
  });
}

async function run(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
