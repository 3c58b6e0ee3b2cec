import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import type { SeededOwner } from '#subgraphs/identity/users/seed-owner.ts';
import { startIdentity, type TestIdentity } from '../support/running-identity.ts';
import { onEachStore } from '../support/stores.ts';

/** The number of a process that is no more. */
const dead = spawnSync(process.execPath, ['--version']).pid;

onEachStore('an owner whom nobody was told of is told of by the next run', async (t, store) => {
  const identity = await startIdentity(t, store);
  const lost = await seeded(identity);
  const session = await signIn(identity, lost);
  await leave(identity, { pid: dead });
  const owner = await seeded(identity);
  t.equal(owner.userId, lost.userId);
  t.not(owner.password, lost.password);
  await worksFor(identity, owner, t.equal);
  t.equal((await signIn(identity, lost)).statusCode, 401, 'the lost password opens nothing');
  t.match(await identity.identity.resolve({ kind: 'key', text: lost.apiKey }), { active: false });
  const sessions = await identity.tables.selectFrom('session').select('token').execute();
  t.equal(sessions.length, 1, 'and so does what was opened with it');
  t.notOk(session.body.includes(sessions[0]?.token ?? 'none'));
  t.equal(await identity.seedOwner(), null, 'this process is still at it');
  await owner.confirm();
  t.equal(await identity.seedOwner(), null, 'it is over');
  await worksFor(identity, owner, t.equal);
});

onEachStore('a first run that died at any other moment is made good too', async (t, store) => {
  const identity = await startIdentity(t, store);
  await identity.tables
    .insertInto('first_run')
    .values({ id: 1, pid: dead, host: hostname(), started_at: identity.clock.now() })
    .execute();
  const first = await seeded(identity);
  await worksFor(identity, first, t.equal);

  await leave(identity, { pid: dead });
  await identity.tables.deleteFrom('organization').execute();
  await identity.tables.deleteFrom('api_key').execute();
  const second = await seeded(identity);
  await worksFor(identity, second, t.equal);
});

onEachStore('a run that somebody is at is left alone, until it is too old', async (t, store) => {
  const identity = await startIdentity(t, store);
  const owner = await seeded(identity);
  await leave(identity, { pid: process.ppid });
  t.equal(await identity.seedOwner(), null, 'a process that lives');
  await leave(identity, { pid: 1 });
  t.equal(await identity.seedOwner(), null, 'somebody else’s process');
  await leave(identity, { pid: dead, host: 'another-machine' });
  t.equal(await identity.seedOwner(), null, 'who knows, from here');
  await worksFor(identity, owner, t.equal);
  identity.clock.advance(60_001);
  await worksFor(identity, await seeded(identity), t.equal);
});

onEachStore('a restarted container has the numbers of the one before', async (t, store) => {
  const identity = await startIdentity(t, store);
  await seeded(identity);
  t.equal(await identity.seedOwner(), null);
  await leave(identity, { started_at: Math.floor(performance.timeOrigin) - 1 });
  identity.clock.set(Math.floor(performance.timeOrigin) + 1);
  t.ok(await identity.seedOwner(), 'begun before this process was');
});

onEachStore('of many who begin, or take over, at once one does', async (t, store) => {
  const identity = await startIdentity(t, store);
  const other = await startIdentity(t, store, { pepper: identity.pepper });
  for (const what of ['begin', 'take over']) {
    const owners = await Promise.all(
      [identity, other, identity, other].map((each) => each.seedOwner()),
    );
    const made = owners.filter((owner) => owner !== null);
    t.equal(made.length, 1, what);
    for (const owner of made) await worksFor(identity, owner, t.equal);
    await leave(identity, { pid: dead });
  }
});

onEachStore('where there are people there is no first run', async (t, store) => {
  const identity = await startIdentity(t, store);
  await identity.signUp('ada@example.com');
  t.equal(await identity.seedOwner(), null);
  t.strictSame(await identity.tables.selectFrom('first_run').selectAll().execute(), []);
});

async function seeded(identity: TestIdentity): Promise<SeededOwner> {
  const owner = await identity.seedOwner();
  if (owner === null) throw new Error('there is no owner');
  return owner;
}

/** Makes the row of the first run say that it is, or was, another process's. */
async function leave(
  { tables }: TestIdentity,
  change: { pid?: number; host?: string; started_at?: number },
): Promise<void> {
  await tables
    .updateTable('first_run')
    .set({ host: hostname(), ...change })
    .execute();
}

function signIn({ app }: TestIdentity, { email, password }: SeededOwner) {
  return app.inject({
    method: 'POST',
    url: '/api/auth/sign-in/email',
    payload: { email, password },
  });
}

async function worksFor(
  identity: TestIdentity,
  owner: SeededOwner,
  equal: (found: unknown, wanted: unknown, message: string) => unknown,
): Promise<void> {
  equal((await signIn(identity, owner)).statusCode, 200, 'the password opens');
  const resolution = await identity.identity.resolve({ kind: 'key', text: owner.apiKey });
  equal(resolution.active && resolution.caller.subject, owner.userId, 'the key is theirs');
  const people = await identity.tables.selectFrom('user').select('id').execute();
  equal(people.length, 1, 'there is one person');
  const projects = await identity.tables.selectFrom('project').select('name').execute();
  equal(projects.map(({ name }) => name).join(), 'demo', 'with one project');
}
