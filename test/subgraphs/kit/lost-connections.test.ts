import { sql } from 'kysely';
import type { Test } from 'tap';
import { inChangeContext, migrate, openDatabase } from '#subgraphs/kit/index.ts';
import { startTcpProxy } from '#test/support/tcp-proxy.ts';
import { onPostgres, type StoreLocation } from '../support/stores.ts';

const SILENCE_MS = 300;

/** A database behind a proxy, whose connections are given up after a moment of silence. */
async function open(t: Test, { url = '', file }: StoreLocation) {
  const there = new URL(url);
  const proxy = await startTcpProxy(t, `http://${there.host}`);
  there.host = new URL(proxy.url).host;
  const options = { url: there.href, file, poolSize: 2, silenceLimitMs: SILENCE_MS };
  const database = await openDatabase(options);
  t.teardown(() => database.destroy());
  const one = () => sql`select 1`.execute(database);
  return { database, proxy, one };
}

onPostgres('a connection that breaks ends what runs on it, and nothing else', async (t, store) => {
  const { database, proxy, one } = await open(t, store);
  const transaction = database.transaction().execute(async (transaction) => {
    await sql`select 1`.execute(transaction);
    // Between two statements nobody waits for the connection who could be told.
    proxy.cut();
    await one();
    await sql`select 1`.execute(transaction);
  });
  await t.rejects(transaction);
  const sleeping = sql`select pg_sleep(60)`.execute(database);
  proxy.cut();
  await t.rejects(sleeping);
  await one();
});

onPostgres('a connection that says nothing is given up, and replaced', async (t, store) => {
  const { proxy, one } = await open(t, store);
  await Promise.all([one(), one()]);
  proxy.hold();
  const stuck = [one(), one()];
  await Promise.all(stuck.map((each) => t.rejects(each, /said nothing/)));
  proxy.release();
  await Promise.all([one(), one()]);
});

onPostgres('a migration may be silent for longer', async (t, store) => {
  const { database } = await open(t, store);
  await migrate(database, 'postgres', 'slow_migration', {
    async '0001-slow'(transaction) {
      await sql`select pg_sleep(${(SILENCE_MS * 2) / 1_000})`.execute(transaction);
      await sql`create table made (a bigint)`.execute(transaction);
    },
  });
  await sql`select a from made`.execute(database);
});

onPostgres('a writer that is gone does not keep the others waiting for ever', async (t, store) => {
  const database = await openDatabase(store);
  t.teardown(() => database.destroy());
  const context = { at: 1, actorKind: 'system', actorId: null, credentialId: null } as const;
  await inChangeContext({ ...context, requestId: null, address: null }, () =>
    database.transaction().execute(async (transaction) => {
      const { rows } = await sql`show idle_in_transaction_session_timeout`.execute(transaction);
      t.same(rows, [{ idle_in_transaction_session_timeout: '10s' }]);
    }),
  );
});
