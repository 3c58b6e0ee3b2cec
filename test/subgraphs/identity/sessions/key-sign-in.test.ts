import type { Test } from 'tap';
import { defineIdentity, type IdentitySettings } from '#subgraphs/identity/settings.ts';
import { codeIn, createAuthClient, sessionIn } from '../../support/auth-client.ts';
import { type Company, startCompany } from '../../support/company.ts';
import type { TestIdentity } from '../../support/running-identity.ts';
import { onEachStore, type Store } from '../../support/stores.ts';

const ALL = ['READ', 'WRITE', 'ADMIN'];
const MANY_KEYS = 100;

type Mode = IdentitySettings['sessions']['openedByKeys'];

async function startWith(t: Test, store: Store, openedByKeys: Mode): Promise<Company> {
  const keys = { maxPersonalKeys: MANY_KEYS };
  return startCompany(t, store, {
    settings: defineIdentity({ keys, sessions: { openedByKeys } }),
  });
}

/** The session that a key opens, in a browser of its own. */
async function signIn(identity: TestIdentity, key: string) {
  const client = createAuthClient(identity);
  const answer = await client.post('/sign-in/api-key', { key });
  return { answer, session: sessionIn(client), code: codeIn(answer) };
}

async function isActive(identity: TestIdentity, session: string): Promise<boolean> {
  return (await identity.identity.resolve({ kind: 'session', text: session })).active;
}

onEachStore('a key of an administrator opens a session that is theirs', async (t, store) => {
  const { identity, people, organizationId } = await startWith(t, store, 'independent');
  for (const { caller, id } of [people.owner, people.admin]) {
    const { id: keyId, key } = await identity.createKey(caller, { permissions: ALL });
    const first = await signIn(identity, key);
    t.equal(first.answer.status, 200);
    t.match(first.answer.body, { user: { id }, session: { id: String } });
    t.match(first.answer.setCookies, [/; HttpOnly.*SameSite=Lax/i]);
    const found = await identity.identity.resolve({ kind: 'session', text: first.session });
    t.match(found, {
      active: true,
      caller: {
        kind: 'session',
        subject: id,
        organization: organizationId,
        permissions: { grants: caller.permissions.grants },
      },
    });
    const second = await signIn(identity, key);
    t.not(second.session, first.session, 'another one each time');
    t.ok(await isActive(identity, first.session));
    const logged = await identity.tables
      .selectFrom('identity_log')
      .select(['actor_kind', 'actor_id', 'credential_id'])
      .where('action', '=', 'session.started')
      .where('credential_id', '=', keyId)
      .execute();
    t.same(
      logged,
      Array.from({ length: 2 }, () => ({ actor_kind: 'key', actor_id: id, credential_id: keyId })),
    );
    t.notOk(identity.logs().includes(key), 'and the key is in no log');
  }
});

onEachStore('what is not the key of an administrator opens none', async (t, store) => {
  const company = await startWith(t, store, 'independent');
  const { identity, people, stranger, projectId } = company;
  const { owner, member } = people;
  const make = async (caller: typeof owner.caller, input: object) =>
    (await identity.createKey(caller, { permissions: ALL, ...input })).key;
  const refused: Record<string, string> = {
    'of a member': await make(member.caller, {}),
    'of somebody who owns nothing but themselves': await make(stranger.caller, {}),
    'that reads': await make(owner.caller, { permissions: ['READ'] }),
    'that cannot manage': await make(owner.caller, { permissions: ['READ', 'WRITE'] }),
    'with grants alone': await make(owner.caller, {
      permissions: [],
      grants: [{ actions: ['READ'], on: '*' }],
    }),
    'bound to a project': await make(owner.caller, { projectIds: [projectId] }),
    'bound to a network': await make(owner.caller, { ipRanges: ['192.0.2.0/24'] }),
  };
  const { createServiceAccount } = await company.get(
    owner.caller,
    'mutation { createServiceAccount(input: { name: "agent", role: ADMIN }) { id } }',
  );
  refused['of a service account'] = await make(owner.caller, {
    serviceAccountId: createServiceAccount.id,
  });
  for (const [what, key] of Object.entries(refused)) {
    const { answer, code, session } = await signIn(identity, key);
    t.strictSame([answer.status, code, session], [403, 'FORBIDDEN', ''], `a key ${what}`);
  }
  const revoked = await identity.createKey(owner.caller, { permissions: ALL });
  await company.get(owner.caller, `mutation { revokeAPIKey(id: "${revoked.id}") { id } }`);
  const expired = await make(owner.caller, { expiresIn: '1d' });
  identity.clock.advance(2 * 24 * 3_600_000);
  for (const key of [revoked.key, expired, 'cst_test_nonsense', '', 'x'.repeat(10_000)]) {
    const { answer, code } = await signIn(identity, key);
    t.strictSame([answer.status, code], [401, 'UNAUTHENTICATED']);
  }
  for (const body of [{}, { key: 7 }, { key: null }, { key: ['a'] }]) {
    const answer = await createAuthClient(identity).post('/sign-in/api-key', body);
    t.strictSame([answer.status, codeIn(answer)], [400, 'BAD_USER_INPUT']);
  }
  const sessions = await identity.tables
    .selectFrom('session')
    .select('id')
    .where('opened_by_key', 'is not', null)
    .execute();
  t.strictSame(sessions, []);
});

onEachStore('the owner of the deployment is an administrator by themselves', async (t, store) => {
  const { identity } = await startWith(t, store, 'independent');
  const owner = await identity.makeOwner('root@example.com');
  t.equal((await signIn(identity, owner?.apiKey ?? '')).answer.status, 200);
});

onEachStore('keys open no sessions unless they may', async (t, store) => {
  const { identity, people } = await startWith(t, store, 'never');
  const { key } = await identity.createKey(people.owner.caller, { permissions: ALL });
  const { answer, code } = await signIn(identity, key);
  t.strictSame([answer.status, code], [403, 'FORBIDDEN']);
});

onEachStore('a session outlives its key, and the next sign-in fails', async (t, store) => {
  const { identity, people, get } = await startWith(t, store, 'independent');
  const { owner } = people;
  const { id, key } = await identity.createKey(owner.caller, { permissions: ALL, expiresIn: '1d' });
  const { session } = await signIn(identity, key);
  await get(owner.caller, `mutation { revokeAPIKey(id: "${id}") { id } }`);
  t.equal((await signIn(identity, key)).answer.status, 401);
  t.ok(await isActive(identity, session));
  identity.clock.advance(2 * 24 * 3_600_000);
  t.ok(await isActive(identity, session), 'past the end that the key had');
});

onEachStore('where it is to end with its key, it does, and is told of', async (t, store) => {
  const company = await startWith(t, store, 'end-with-key');
  const { identity, people, get } = company;
  const { caller } = people.owner;
  const endings: Record<string, (id: string) => Promise<unknown>> = {
    revoked: (id) => get(caller, `mutation { revokeAPIKey(id: "${id}") { id } }`),
    'found somewhere': (id) =>
      identity.tables
        .updateTable('api_key')
        .set({ disabled_at: 1, disabled_reason: 'leaked' })
        .where('id', '=', id)
        .execute(),
    narrowed: (id) =>
      get(caller, `mutation { updateAPIKey(id: "${id}", input: { permissions: [READ] }) { id } }`),
    shortened: (id) =>
      get(caller, `mutation { updateAPIKey(id: "${id}", input: { expiresIn: "1d" }) { id } }`),
  };
  for (const [what, end] of Object.entries(endings)) {
    const { id, key } = await identity.createKey(caller, { permissions: ALL });
    const [first, second] = [await signIn(identity, key), await signIn(identity, key)];
    const told: string[] = [];
    const stop = identity.identity.subscribe(({ touches, id }) => told.push(`${touches}:${id}`));
    await get(caller, `mutation { updateAPIKey(id: "${id}", input: { name: "other" }) { id } }`);
    t.ok(await isActive(identity, first.session), 'a name is no end');
    await end(id);
    for (const { session, answer } of [first, second]) {
      t.notOk(await isActive(identity, session), what);
      const { session: made } = answer.body as { session: { id: string } };
      if (what !== 'found somewhere') t.ok(told.includes(`credential:${made.id}`), what);
    }
    stop();
  }
  const { key } = await identity.createKey(caller, { permissions: ALL, expiresIn: '1d' });
  const { session } = await signIn(identity, key);
  t.ok(await isActive(identity, session));
  identity.clock.advance(24 * 3_600_000 + 1);
  t.notOk(await isActive(identity, session), 'nor does it live longer');
});

onEachStore('a key that is revoked at the same moment leaves no session', async (t, store) => {
  const { identity, people, get } = await startWith(t, store, 'end-with-key');
  const { caller } = people.owner;
  for (let round = 0; round < 10; round += 1) {
    const { id, key } = await identity.createKey(caller, { permissions: ALL });
    const [{ session }] = await Promise.all([
      signIn(identity, key),
      get(caller, `mutation { revokeAPIKey(id: "${id}") { id } }`),
    ]);
    if (session !== '') t.notOk(await isActive(identity, session));
    const left = identity.tables.selectFrom('session').select('id');
    t.strictSame(await left.where('opened_by_key', '=', id).execute(), []);
  }
});

onEachStore('a session of a key never counts as a sign-in just now', async (t, store) => {
  const { identity, people } = await startWith(t, store, 'independent');
  const { caller, id } = people.owner;
  const { key } = await identity.createKey(caller, { permissions: ALL });
  // As somebody who has only ever signed in at a provider.
  await identity.tables.deleteFrom('account').where('userId', '=', id).execute();
  const client = createAuthClient(identity);
  await client.post('/sign-in/api-key', { key });
  const changed = await client.post('/change-email', { newEmail: 'thief@example.com' });
  t.strictSame([changed.status, codeIn(changed)], [403, 'FORBIDDEN']);
  const found = await identity.identity.resolve({ kind: 'session', text: sessionIn(client) });
  if (!found.active) throw new Error('there is no session');
  const gone = await identity.ask(found.caller, 'mutation { deleteAccount }');
  t.not(gone.errors?.[0]?.extensions?.code, undefined);
  t.ok(await isActive(identity, sessionIn(client)));
});

onEachStore('guessing at keys is slowed, and signing in is not', async (t, store) => {
  const { identity, people } = await startWith(t, store, 'independent');
  const { key } = await identity.createKey(people.owner.caller, { permissions: ALL });
  const client = createAuthClient(identity);
  for (let n = 0; n < 60; n += 1) {
    const { status } = await client.post('/sign-in/api-key', { key: `cst_test_${n}` });
    if (status === 429) break;
    t.equal(status, 401);
  }
  const slowed = await client.post('/sign-in/api-key', { key });
  t.strictSame([slowed.status, codeIn(slowed)], [429, 'RATE_LIMITED']);
  t.equal(
    (await createAuthClient(identity, '198.51.100.7').post('/sign-in/api-key', { key })).status,
    200,
  );
  identity.clock.advance(3_600_000);
  for (let n = 0; n < 60; n += 1) {
    const answer = await client.post('/sign-in/api-key', { key });
    if (answer.status !== 200) t.equal(answer.status, 200, 'what opens is no guess');
  }
});

onEachStore('a session of a key reaches no further than its key', async (t, store) => {
  const company = await startWith(t, store, 'independent');
  const { identity, people, organizationId, code, get } = company;
  const { owner } = people;
  const elsewhere = await get(
    owner.caller,
    'mutation { createOrganization(input: { name: "Elsewhere", slug: "elsewhere" }) { id } }',
  );
  const other: string = elsewhere.createOrganization.id;
  const made = await identity.createKey(owner.caller, { permissions: ALL });
  const { session } = await signIn(identity, made.key);
  const found = await identity.identity.resolve({ kind: 'session', text: session });
  if (!found.active) throw new Error('there is no session');
  const { caller } = found;
  const { organizations } = await get(caller, '{ organizations { nodes { id } } }');
  t.strictSame(organizations.nodes, [{ id: organizationId }], 'it sees the one of its key');
  const renamed = `mutation { updateOrganization(id: "${other}", input: { name: "Taken" }) { id } }`;
  const refused: Record<string, string> = {
    [`mutation { switchOrganization(id: "${other}") { id } }`]: 'FORBIDDEN',
    [renamed]: 'NOT_FOUND',
    [`{ auditLog(organizationId: "${other}") { nodes { id } } }`]: 'NOT_FOUND',
    'mutation { createOrganization(input: { name: "Third", slug: "third" }) { id } }': 'FORBIDDEN',
    [`mutation { leaveOrganization(id: "${organizationId}") }`]: 'FORBIDDEN',
  };
  for (const [query, expected] of Object.entries(refused)) {
    t.equal(await code(caller, query), expected, query);
  }
  const { auditLog } = await get(caller, '{ auditLog(first: 50) { nodes { organizationId } } }');
  t.notOk(
    auditLog.nodes.some((entry: { organizationId: string }) => entry.organizationId === other),
    'nor what its person did elsewhere',
  );
  t.equal(await code(owner.caller, renamed), 'OK', 'which the person may in their own session');
  const mine = `mutation { updateOrganization(id: "${organizationId}", input: { name: "A" }) { id } }`;
  t.equal(
    await code(caller, mine),
    'OK',
    'in the organization of its key it may what its role may',
  );
  await identity.tables
    .deleteFrom('member')
    .where('userId', '=', owner.id)
    .where('organizationId', '=', organizationId)
    .execute();
  t.notOk(await isActive(identity, session), 'it ends where its person is no member any more');
  t.equal((await signIn(identity, made.key)).answer.status, 401);
  t.ok(await isActive(identity, owner.session), 'their own goes on');
});

onEachStore('a session of a key hands nobody else in or out', async (t, store) => {
  const { identity, code } = await startWith(t, store, 'independent');
  const owner = await identity.makeOwner('root@example.com');
  const { caller: other } = await identity.signUp('somebody@example.com');
  const { session } = await signIn(identity, owner?.apiKey ?? '');
  const found = await identity.identity.resolve({ kind: 'session', text: session });
  if (!found.active) throw new Error('there is no session');
  const suspend = `mutation { suspendUser(id: "${other.subject}") { id } }`;
  t.equal(await code(found.caller, suspend), 'FORBIDDEN');
});

onEachStore(
  'who was suspended or is no administrator any more signs in no more',
  async (t, store) => {
    const { identity, join } = await startWith(t, store, 'independent');
    const [demoted, suspended] = [await join('admin'), await join('admin')];
    const keyOf = async ({ caller }: typeof demoted) =>
      (await identity.createKey(caller, { permissions: ALL })).key;
    const keys = [await keyOf(demoted), await keyOf(suspended)] as const;
    t.equal((await signIn(identity, keys[0])).answer.status, 200);
    const { session } = await signIn(identity, keys[1]);
    await identity.tables
      .updateTable('member')
      .set({ role: 'member' })
      .where('userId', '=', demoted.id)
      .where('role', '=', 'admin')
      .execute();
    await identity.tables
      .updateTable('user')
      .set({ suspendedAt: new Date(identity.clock.now()).toISOString() })
      .where('id', '=', suspended.id)
      .execute();
    const first = await signIn(identity, keys[0]);
    t.strictSame([first.answer.status, first.code], [403, 'FORBIDDEN']);
    const second = await signIn(identity, keys[1]);
    t.strictSame([second.answer.status, second.code], [401, 'UNAUTHENTICATED']);
    t.notOk(await isActive(identity, session), 'what was open is closed');
  },
);
