import { EventEmitter, once } from 'node:events';
import { sql } from 'kysely';
import t, { type Test } from 'tap';
import { openDatabase, watchDatabase } from '#subgraphs/kit/index.ts';
import { keepRunning } from '#test/support/keep-running.ts';
import { onEachStore, type Store } from '../support/stores.ts';

/** A watched store with one table that notifies, and what the watch has said so far. */
async function watch(t: Test, store: Store) {
  const channel = `watch_${process.pid}_${store.dialect}`;
  await sql`create table thing (name text)`.execute(store.database);
  const told = new EventEmitter();
  const outages: unknown[] = [];
  let changes = 0;
  const watching = watchDatabase(store.database, {
    channel,
    onChange() {
      changes += 1;
      told.emit('change');
    },
    onOutage(error) {
      outages.push(error);
      told.emit('outage');
    },
  });
  t.teardown(() => watching.close());
  keepRunning(t);
  const notify = async (database = store.database): Promise<void> => {
    await sql`insert into thing values ('a')`.execute(database);
    if (store.dialect === 'postgres') {
      await sql`select pg_notify(${channel}, '')`.execute(database);
    }
  };
  return {
    channel,
    told,
    outages,
    notify,
    close: () => watching.close(),
    changes: () => changes,
  };
}

onEachStore('a change of this process and one of another are told', async (t, store) => {
  const { told, notify } = await watch(t, store);
  const other = await openDatabase(store);
  t.teardown(() => other.destroy());
  for (const database of [store.database, other]) {
    const change = once(told, 'change');
    await notify(database);
    await change;
  }
});

onEachStore('a watch that is closed says nothing, and can be closed twice', async (t, store) => {
  const { told, notify, close } = await watch(t, store);
  const first = once(told, 'change');
  await notify();
  await first;
  await close();
  await close();
  told.on('change', () => t.fail('it says something'));
  await notify();
  await new Promise((resolve) => setImmediate(resolve));
});

onEachStore('reading is no change', async (t, store) => {
  if (store.dialect === 'postgres') return;
  const { told, notify, changes } = await watch(t, store);
  const first = once(told, 'change');
  await notify();
  await first;
  const before = changes();
  for (let index = 0; index < 100; index += 1)
    await sql`select * from thing`.execute(store.database);
  const next = once(told, 'change');
  await notify();
  await next;
  t.equal(changes(), before + 1);
});

onEachStore('a connection that breaks is made anew, and said once', async (t, store) => {
  if (store.dialect === 'sqlite') return;
  const { channel, told, outages, changes } = await watch(t, store);
  const listener = async () => {
    const { rows } = await sql<{ pid: number }>`select pid from pg_stat_activity
      where query = ${`listen "${channel}"`} or query = 'select 1' and pid in (
        select pid from pg_stat_activity where query like 'listen%')`.execute(store.database);
    return rows[0]?.pid;
  };
  let pid = await listener();
  while (pid === undefined) pid = await listener();
  const outage = once(told, 'outage');
  await sql`select pg_terminate_backend(${pid})`.execute(store.database);
  await outage;
  t.equal(outages.length, 1);
  const before = changes();
  while ((await listener()) === undefined);
  while (changes() === before) await once(told, 'change');
  t.equal(outages.length, 1);
});

t.test('what was not opened here cannot be watched', async (t) => {
  const options = { channel: 'a', onChange: () => undefined, onOutage: () => undefined };
  t.throws(() => watchDatabase({} as never, options), TypeError);
});
