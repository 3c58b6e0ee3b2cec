import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import t from 'tap';
import { dialectOf, migrate, openDatabase } from '#subgraphs/kit/index.ts';
import { onEachLocation, onEachStore } from '../support/stores.ts';

t.test('SQLite is opened so that an acknowledged write survives', async (t) => {
  const database = await openDatabase({ file: join(t.testdir(), 'deep', 'down', 'castellan.db') });
  t.teardown(() => database.destroy());
  const pragma = async (name: string) =>
    Object.values((await sql<object>`pragma ${sql.raw(name)}`.execute(database)).rows[0] ?? {})[0];
  t.equal(await pragma('journal_mode'), 'wal');
  t.equal(await pragma('synchronous'), 2);
  t.equal(await pragma('foreign_keys'), 1);
  t.equal(await pragma('busy_timeout'), 5000);
});

t.test('the files of SQLite are for their owner alone, those that were there too', async (t) => {
  const folder = t.testdir({ 'old.db': '', 'old.db-wal': '' });
  for (const name of ['old.db', 'old.db-wal']) chmodSync(join(folder, name), 0o666);
  const umask = process.umask(0o000);
  t.teardown(() => process.umask(umask));
  for (const name of ['new.db', 'old.db']) {
    const file = join(folder, name);
    const database = await openDatabase({ file });
    t.teardown(() => database.destroy());
    await sql`create table a (b text)`.execute(database);
    const modes = [file, `${file}-wal`, `${file}-shm`].map((each) => statSync(each).mode & 0o777);
    t.strictSame(modes, [0o600, 0o600, 0o600], name);
  }
});

t.test('a folder or a file that cannot be used says so in one line', async (t) => {
  const folder = t.testdir({ 'a-file': 'text', 'not-a-database.db': 'x'.repeat(5000) });
  const inFile = join(folder, 'a-file', 'castellan.db');
  await t.rejects(openDatabase({ file: inFile }), {
    code: 'DATA_FOLDER_UNUSABLE',
    message: `The data folder cannot be written: ${join(folder, 'a-file')}`,
  });
  await t.rejects(openDatabase({ file: join(folder, 'not-a-database.db') }), {
    code: 'DATABASE_UNAVAILABLE',
    message: /cannot be opened for writing: .*not-a-database\.db \(file is not a database\)$/,
  });
});

t.test(
  'a folder that is not ours to write says so',
  { skip: process.getuid?.() === 0 },
  async (t) => {
    const folder = t.testdir({ closed: {} });
    chmodSync(join(folder, 'closed'), 0o500);
    await t.rejects(openDatabase({ file: join(folder, 'closed', 'castellan.db') }), {
      code: 'DATA_FOLDER_UNUSABLE',
    });
  },
);

t.test('a server that does not answer is named without its password', async (t) => {
  const file = join(t.testdir(), 'unused.db');
  const url = 'postgres://ada:swordfish@127.0.0.1:1/castellan';
  const error = await t.rejects(openDatabase({ url, file }), {
    code: 'DATABASE_UNAVAILABLE',
    message: /^The database cannot be reached at 127\.0\.0\.1:1\/castellan \(.*ECONNREFUSED.*\)$/,
  });
  if (error instanceof Error) t.notMatch(error.message, /swordfish/);
  for (const wrong of ['mysql://127.0.0.1/x', 'castellan.db', 'postgres//x']) {
    await t.rejects(openDatabase({ url: wrong, file }), { code: 'CONFIGURATION_INVALID' });
  }
  t.equal(dialectOf(url), 'postgres');
  t.equal(dialectOf(undefined), 'sqlite');
  t.equal(dialectOf(''), 'sqlite');
});

onEachLocation('processes that write at once wait for each other', async (t, location) => {
  const database = await openDatabase(location);
  t.teardown(() => database.destroy());
  await sql`create table counter (value bigint)`.execute(database);
  await sql`insert into counter values (0)`.execute(database);
  const program = new URL('../support/counter.ts', import.meta.url).pathname;
  const env = { ...process.env, LOCATION: JSON.stringify(location) };
  const counters = [1, 2].map(() =>
    spawn(process.execPath, [program], { env, stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  await Promise.all(counters.map(({ stdout }) => once(stdout, 'data')));
  for (const { stdin } of counters) stdin.write('go');
  const codes = await Promise.all(counters.map(async (each) => (await once(each, 'exit'))[0]));
  t.strictSame(codes, [0, 0]);
  const { rows } = await sql<{ value: number }>`select value from counter`.execute(database);
  t.strictSame(rows[0]?.value, 200, 'nothing is lost, and a bigint is a number');
});

onEachStore(
  'a migration happens whole or not at all, and once',
  async (t, { database, dialect }) => {
    let runs = 0;
    const good = {
      async one(transaction: typeof database) {
        runs += 1;
        await sql`create table first_table (id text)`.execute(transaction);
      },
    };
    const bad = {
      ...good,
      async two(transaction: typeof database) {
        await sql`create table second_table (id text)`.execute(transaction);
        throw new Error('half way');
      },
    };
    await t.rejects(migrate(database, dialect, 'test_migration', bad), { message: 'half way' });
    t.equal(runs, 1);
    const names = async () => (await database.introspection.getTables()).map(({ name }) => name);
    t.notOk((await names()).includes('first_table'));
    await migrate(database, dialect, 'test_migration', good);
    await migrate(database, dialect, 'test_migration', good);
    t.equal(runs, 2);
    t.ok((await names()).includes('first_table'));
    t.notOk((await names()).includes('second_table'));
  },
);
