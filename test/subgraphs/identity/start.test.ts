import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { migrations } from '#subgraphs/identity/database/migrations.ts';
import { openDatabase } from '#subgraphs/kit/index.ts';
import { PASSWORD, startIdentity } from '../support/running-identity.ts';
import { onEachLocation, onEachStore } from '../support/stores.ts';

onEachLocation(
  'two processes that start at once on an empty store both come up',
  async (t, location) => {
    const databases = await Promise.all([openDatabase(location), openDatabase(location)]);
    t.teardown(() => Promise.all(databases.map((database) => database.destroy())));
    const [first, second] = await Promise.all(
      databases.map((database) => startIdentity(t, { ...location, database })),
    );
    await first?.signUp('ada@example.com');
    const seen = await second?.tables.selectFrom('user').select('email').execute();
    t.same(seen, [{ email: 'ada@example.com' }]);
  },
);

onEachStore('starting again changes nothing', async (t, store) => {
  const first = await startIdentity(t, store);
  const { caller } = await first.signUp();
  const { key } = await first.createKey(caller);
  const again = await startIdentity(t, store, { pepper: first.pepper });
  t.match(await again.identity.resolve({ kind: 'key', text: key }), { active: true });
  const steps = await store.database
    .$extendTables<{ identity_migration: { name: string } }>()
    .selectFrom('identity_migration')
    .select('name')
    .orderBy('name')
    .execute();
  t.same(
    steps.map(({ name }) => name),
    Object.keys(migrations(store.dialect)).sort(),
  );
});

onEachStore('the first start makes an owner, and no later one', async (t, store) => {
  const identity = await startIdentity(t, store);
  const owner = await identity.seedOwner();
  if (owner === null) throw new Error('there is no owner');
  t.ok(owner.password.length >= 20);
  const signIn = await identity.app.inject({
    method: 'POST',
    url: '/api/auth/sign-in/email',
    payload: { email: owner.email, password: owner.password },
  });
  t.equal(signIn.statusCode, 200);
  const resolution = await identity.identity.resolve({ kind: 'key', text: owner.apiKey });
  t.match(resolution, {
    active: true,
    caller: { subject: owner.userId, permissions: { scopes: ['read:all', 'write:all', 'admin'] } },
  });
  const projects = await identity.tables.selectFrom('project').select('name').execute();
  t.same(projects, [{ name: 'demo' }]);
  t.equal(await identity.seedOwner(), null);
  t.notOk(identity.logs().includes(owner.password));
  t.notOk(identity.logs().includes(owner.apiKey));
});

onEachStore('where there is anybody no owner is made', async (t, store) => {
  const identity = await startIdentity(t, store);
  await identity.signUp('ada@example.com');
  t.equal(await identity.seedOwner(), null);
});

onEachLocation('a key that was acknowledged survives SIGKILL', async (t, location) => {
  const program = new URL('../support/key-maker.ts', import.meta.url).pathname;
  const maker = spawn(process.execPath, [program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, LOCATION: JSON.stringify(location), PASSWORD },
  });
  const exited = new Promise((resolve) => maker.once('exit', resolve));
  t.teardown(() => maker.kill('SIGKILL'));
  const lines = createInterface(maker.stdout)[Symbol.asyncIterator]();
  const next = async () => String((await lines.next()).value);
  const pepper = await next();
  const keys: string[] = [];
  for (let count = 0; count < 5; count += 1) keys.push(await next());
  // It is in the middle of making more.
  maker.kill('SIGKILL');
  await exited;
  const database = await openDatabase(location);
  t.teardown(() => database.destroy());
  const { identity } = await startIdentity(t, { ...location, database }, { pepper });
  for (const text of keys) t.match(await identity.resolve({ kind: 'key', text }), { active: true });
});
