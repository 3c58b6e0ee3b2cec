import pg from 'pg';
import t, { type Test } from 'tap';
import { onPostgres, type StoreLocation } from '#test/subgraphs/support/stores.ts';
import { startFleet } from '#test/support/fleet.ts';

// SQLite has one writer at a time. The clocks of these gateways stand still: a key is refused because its event was told, or never.

async function start(t: Test, location: StoreLocation) {
  const fleet = startFleet(t, location);
  const identity = await fleet.identity();
  const gateway = await fleet.gateway(identity.url);
  const cookie = await fleet.signUp(gateway);
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: location.url });
    await client.connect();
    t.teardown(() => client.end());
    return client;
  };
  const key = async () => {
    const made = await fleet.createKey(gateway, cookie);
    await gateway.whenStatus(made.key, 200);
    return made;
  };
  return { gateway, key, connect };
}

const REVOKE = 'update api_key set revoked_at = 1 where id = $1';

async function revoke(client: pg.Client, id: string): Promise<void> {
  await client.query(REVOKE, [id]);
}

/** Resolves when this client's statement waits for a lock of ours, or has not needed to. */
async function waitsOrDone(watcher: pg.Client, pid: unknown, done: Promise<void>): Promise<void> {
  let isDone = false;
  const end = (): void => {
    isDone = true;
  };
  done.then(end, end);
  for (;;) {
    const { rowCount } = await watcher.query(
      "select 1 from pg_locks where locktype = 'advisory' and not granted and pid = $1",
      [pid],
    );
    if (isDone || rowCount === 1) return;
  }
}

const pidOf = async (client: pg.Client): Promise<unknown> =>
  (await client.query('select pg_backend_pid() as pid')).rows[0]?.pid;

for (const end of ['commit', 'rollback'] as const) {
  onPostgres(`of two open transactions no event is skipped: ${end}`, async (t, location) => {
    const { gateway, key, connect } = await start(t, location);
    const [first, second] = [await key(), await key()];
    const [one, two, watcher] = [await connect(), await connect(), await connect()];
    await one.query('begin');
    await two.query('begin');
    // The earlier number is taken here.
    await revoke(one, first.id);
    const pid = await pidOf(two);
    const other = revoke(two, second.id).then(async () => {
      await two.query('commit');
    });
    await waitsOrDone(watcher, pid, other);
    // If the later number were committed by now, it would be told now.
    const { rowCount } = await watcher.query(
      'select 1 from api_key where id = $1 and revoked_at is not null',
      [second.id],
    );
    if (rowCount === 1) await gateway.whenStatus(second.key, 401);
    else t.equal(await gateway.statusOf(second.key), 200);
    await one.query(end);
    await other;
    await gateway.whenStatus(second.key, 401);
    if (end === 'commit') await gateway.whenStatus(first.key, 401);
    else t.equal(await gateway.statusOf(first.key), 200, 'what was rolled back did not happen');
    // A number that was rolled back leaves a hole, and nobody waits for it.
    const third = await key();
    await revoke(two, third.id);
    await gateway.whenStatus(third.key, 401);
  });
}

onPostgres('many writers at once: each event is told', async (t, location) => {
  const { gateway, key, connect } = await start(t, location);
  const keys: { readonly id: string; readonly key: string }[] = [];
  for (let index = 0; index < 24; index += 1) keys.push(await key());
  const clients = await Promise.all(Array.from({ length: 6 }, connect));
  await Promise.all(
    clients.map(async (client, index) => {
      for (const [at, { id }] of keys.entries()) {
        if (at % clients.length !== index) continue;
        await client.query('begin');
        await revoke(client, id);
        await client.query(at % 3 === 0 ? 'rollback' : 'commit');
      }
    }),
  );
  for (const [at, { key: text }] of keys.entries()) {
    if (at % 3 !== 0) await gateway.whenStatus(text, 401);
    else t.equal(await gateway.statusOf(text), 200);
  }
});

t.jobs = 1;
