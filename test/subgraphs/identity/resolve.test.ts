import t from 'tap';
import { createApiKey } from '#contract/api-key.ts';
import { createPepperRing } from '#subgraphs/identity/api-keys/pepper-ring.ts';
import { createIdentityLog } from '#subgraphs/identity/log/identity-log.ts';
import { openDatabase } from '#subgraphs/kit/index.ts';
import { newPepper, startIdentity, type TestIdentity } from '../support/running-identity.ts';
import { onEachLocation, onEachStore } from '../support/stores.ts';

const isActive = async ({ identity }: TestIdentity, kind: 'key' | 'session', text: string) =>
  (await identity.resolve({ kind, text })).active;

onEachStore('a key is its owner, with the rights it was given', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const { id, key } = await identity.createKey(caller, { permissions: ['READ', 'WRITE'] });
  const resolution = await identity.identity.resolve({ kind: 'key', text: key });
  t.match(resolution, {
    active: true,
    caller: {
      kind: 'key',
      subject: caller.subject,
      organization: caller.organization,
      permissions: { scopes: ['read:all', 'write:all'] },
      credentialId: id,
      expiresAt: null,
    },
  });
  t.ok(resolution.active && Object.isFrozen(resolution.caller));
  t.equal(resolution.asOfSequence, (await createIdentityLog(identity.tables).end()).sequence);
});

onEachStore('a key is good until the moment it ends', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const { key } = await identity.createKey(caller, { expiresIn: '12h' });
  identity.clock.advance(12 * 3_600_000 - 1);
  t.equal(await isActive(identity, 'key', key), true);
  identity.clock.advance(1);
  t.equal(await isActive(identity, 'key', key), false);
});

onEachStore('a key of somebody who is gone is nobody’s', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller, session } = await identity.signUp();
  const { key } = await identity.createKey(caller);
  await identity.tables.deleteFrom('user').where('id', '=', caller.subject).execute();
  t.equal(await isActive(identity, 'key', key), false);
  t.equal(await isActive(identity, 'session', session), false);
});

onEachStore('a text that is no key of ours is nobody’s', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const { key } = await identity.createKey(caller);
  const { hash } = await identity.tables
    .selectFrom('api_key')
    .select('hash')
    .executeTakeFirstOrThrow();
  const others = [createApiKey('test'), key.slice(0, -1), `${key} `, key.toLowerCase(), hash, ''];
  for (const text of others) t.equal(await isActive(identity, 'key', text), false, text);
});

onEachStore('a key and a session outlive the change of the pepper', async (t, store) => {
  const old = newPepper(1);
  const before = await startIdentity(t, store, { pepper: old });
  const { caller, session } = await before.signUp();
  const { key } = await before.createKey(caller);
  const unused = await before.createKey(caller);
  const both = `${newPepper(2)},${old}`;
  const after = await startIdentity(t, store, { pepper: both });
  t.equal(await isActive(after, 'key', key), true);
  t.equal(await isActive(after, 'session', session), true);
  const cookie = `castellan.session_token=${encodeURIComponent(session)}`;
  const got = await after.app.inject({ url: '/api/auth/get-session', headers: { cookie } });
  t.match(got.json(), { user: { id: caller.subject } });
  const newer = await after.createKey(caller);
  // What is under way off the request's path is done then.
  await after.close();
  const versions = await after.tables
    .selectFrom('api_key')
    .select('pepper_version')
    .orderBy('pepper_version')
    .execute();
  t.strictSame(
    versions.map((row) => row.pepper_version),
    ['v1', 'v2', 'v2'],
    'what was used is stored under the newest',
  );
  const gone = await startIdentity(t, store, { pepper: both.split(',')[0] ?? '' });
  t.equal(await isActive(gone, 'key', newer.key), true);
  t.equal(await isActive(gone, 'key', key), true);
  const isKnown = await isActive(gone, 'key', unused.key);
  t.equal(isKnown, false, 'without its pepper a key is unknown');
  t.equal(await isActive(gone, 'session', session), false);
});

onEachStore('a session is good with its signature alone', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller, session } = await identity.signUp();
  t.match(await identity.identity.resolve({ kind: 'session', text: session }), {
    active: true,
    caller: { kind: 'session', permissions: { scopes: ['read:all', 'write:all', 'admin'] } },
  });
  const { token } = await identity.tables
    .selectFrom('session')
    .select('token')
    .where('userId', '=', caller.subject)
    .executeTakeFirstOrThrow();
  t.equal(session.slice(0, 32), token);
  const [secret] = createPepperRing(newPepper(1)).derive('castellan session');
  const forged = [
    token,
    `${token}.`,
    `${token}.${'A'.repeat(43)}=`,
    `${token}.${Buffer.from(secret?.value ?? '').toString('base64')}`,
    `${session.slice(0, -2)}${session.at(-2) === 'A' ? 'E' : 'A'}=`,
    `${session.startsWith('x') ? 'y' : 'x'}${session.slice(1)}`,
    encodeURIComponent(session),
  ];
  for (const text of forged) t.equal(await isActive(identity, 'session', text), false, text);
  t.equal(await isActive(identity, 'key', session), false, 'a session is no key');
});

onEachStore('a session is good until the moment it ends', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller, session } = await identity.signUp();
  identity.clock.set(caller.expiresAt ?? 0);
  t.equal(await isActive(identity, 'session', session), false);
  identity.clock.advance(-1);
  t.equal(await isActive(identity, 'session', session), true);
});

onEachLocation(
  'a store that fails is an outage, never an unknown credential',
  async (t, location) => {
    const database = await openDatabase(location);
    const identity = await startIdentity(t, { ...location, database });
    const { caller, session } = await identity.signUp();
    const { key } = await identity.createKey(caller);
    await database.destroy();
    for (const [kind, text] of [
      ['key', key],
      ['session', session],
    ] as const) {
      await t.rejects(identity.identity.resolve({ kind, text }), {
        code: 'IDENTITY_UNAVAILABLE',
        statusCode: 503,
      });
    }
    t.equal(await isActive(identity, 'key', 'garbage'), false, 'garbage needs no store');
    t.equal((await identity.app.inject('/health/ready')).statusCode, 503);
  },
);

t.test('a pepper that is malformed stops the start without being shown', async (t) => {
  const short = `v1:${Buffer.alloc(31, 7).toString('base64')}`;
  const bad = [
    '',
    'v1',
    'v1:',
    'x:AAAA',
    short,
    `${newPepper(1)},${newPepper(1)}`,
    newPepper(1).slice(3),
  ];
  for (const text of bad) {
    const error = t.throws(() => createPepperRing(text), { code: 'CONFIGURATION_INVALID' });
    const secret = text.split(':')[1];
    if (error instanceof Error && secret) t.notOk(error.message.includes(secret));
  }
});
