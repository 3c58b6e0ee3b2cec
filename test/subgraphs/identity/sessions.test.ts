import { anonymousCaller, type Caller } from '#contract/caller.ts';
import type { IdentityEvent } from '#contract/identity.ts';
import { personalIds } from '#subgraphs/identity/organizations/personal-organization.ts';
import { defineIdentity } from '#subgraphs/identity/settings.ts';
import { type Answer, codeOf } from '../support/ask-subgraph.ts';
import { createAuthClient, sessionIn } from '../support/auth-client.ts';
import {
  manyKeys,
  PASSWORD,
  startIdentity,
  type TestIdentity,
  withScopes,
} from '../support/running-identity.ts';
import { onEachStore } from '../support/stores.ts';

const MINUTE = 60_000;
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const list = `query ($first: Int, $after: String) { mySessions(first: $first, after: $after) {
  nodes { id createdAt lastSeenAt expiresAt network userAgent isCurrent }
  edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor } } }`;

interface Sessions {
  readonly nodes: readonly { readonly id: string; readonly isCurrent: boolean }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

onEachStore('people see their own sessions, and no more of them than helps', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp('ada@example.com');
  await identity.signUp('eve@example.com');
  const client = createAuthClient(identity, '203.0.113.77');
  const credentials = { email: 'ada@example.com', password: PASSWORD };
  await client.post('/sign-in/email', credentials, { 'user-agent': FIREFOX });
  const answer = await identity.ask(caller, list);
  const { nodes } = sessionsOf(answer);
  t.match(nodes, [
    { network: '203.0.113.0/24', userAgent: 'Firefox on Linux', isCurrent: false },
    { id: caller.credentialId, network: '127.0.0.0/24', isCurrent: true },
  ]);
  t.notMatch(JSON.stringify(answer), /203\.0\.113\.77/);
  const seen: string[] = [];
  let after: string | null = null;
  for (let more = true; more; ) {
    const page = await identity.ask(caller, list, { first: 1, after });
    const { nodes, pageInfo } = sessionsOf(page);
    seen.push(...nodes.map(({ id }) => id));
    after = pageInfo.endCursor;
    more = pageInfo.hasNextPage;
  }
  t.strictSame(
    seen,
    nodes.map(({ id }) => id),
  );
  t.equal(codeOf(await identity.ask(caller, list, { first: 0 })), 'BAD_USER_INPUT');
  t.equal(codeOf(await identity.ask(caller, list, { after: 'x' })), 'BAD_USER_INPUT');
});

onEachStore('a session that its person ends is over at once', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller, session } = await identity.signUp('ada@example.com');
  const eve = await identity.signUp('eve@example.com');
  const end = (as: typeof caller, id: string | null) =>
    identity.ask(as, 'mutation ($id: ID!) { endSession(id: $id) }', { id });
  const events: IdentityEvent[] = [];
  identity.identity.subscribe((event) => events.push(event));
  const foreign = await end(eve.caller, caller.credentialId);
  const unknown = await end(eve.caller, 'session_unknown');
  t.equal(codeOf(foreign), 'NOT_FOUND');
  t.strictSame(foreign.errors?.[0]?.message, unknown.errors?.[0]?.message);
  t.match(await identity.identity.resolve({ kind: 'session', text: session }), { active: true });
  t.strictSame(events, []);
  t.strictSame((await end(caller, caller.credentialId)).data, { endSession: caller.credentialId });
  t.match(events, [{ touches: 'credential', id: caller.credentialId }]);
  t.match(await identity.identity.resolve({ kind: 'session', text: session }), { active: false });
  const [row] = await identity.tables
    .selectFrom('identity_log')
    .selectAll()
    .where('action', '=', 'session.ended')
    .execute();
  t.match(row, { actor_kind: 'session', actor_id: caller.subject, subject_id: caller.subject });
});

onEachStore('all sessions end together, with or without the one that asks', async (t, store) => {
  const identity = await startIdentity(t, store);
  const first = await identity.signUp('ada@example.com');
  const eve = await identity.signUp('eve@example.com');
  const client = createAuthClient(identity);
  for (let count = 0; count < 2; count += 1) {
    await client.post('/sign-in/email', { email: 'ada@example.com', password: PASSWORD });
  }
  const endAll = (exceptCurrent?: boolean) =>
    identity.ask(first.caller, 'mutation ($e: Boolean) { endAllSessions(exceptCurrent: $e) }', {
      e: exceptCurrent,
    });
  const isActive = async (text: string) =>
    (await identity.identity.resolve({ kind: 'session', text })).active;
  t.strictSame((await endAll()).data, { endAllSessions: 2 });
  t.strictSame([await isActive(first.session), await isActive(sessionIn(client))], [true, false]);
  t.strictSame((await endAll(false)).data, { endAllSessions: 1 });
  t.equal(await isActive(first.session), false);
  t.equal(await isActive(eve.session), true);
});

onEachStore('who may read sessions, and end them', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: manyKeys });
  const { caller } = await identity.signUp('ada@example.com');
  const key = await identity.createKey(caller, { permissions: ['READ'] });
  const admin = await identity.createKey(caller, { permissions: ['READ', 'ADMIN'] });
  const end = `mutation { endSession(id: "${caller.credentialId}") }`;
  const all = 'mutation { endAllSessions }';
  for (const query of [list, end, all]) {
    t.equal(codeOf(await identity.ask(anonymousCaller, query)), 'UNAUTHENTICATED', query);
    t.equal(codeOf(await identity.ask(withScopes(caller), query)), 'FORBIDDEN', query);
  }
  const { project, environment } = personalIds(caller.subject ?? '');
  const second = await addProject(identity, caller);
  const permissions = ['READ', 'WRITE', 'ADMIN'];
  const bound = [
    await identity.createKey(caller, { permissions, environments: [environment] }),
    await identity.createKey(caller, { permissions, projectIds: [project] }),
    // It names none of them to subgraphs.
    await identity.createKey(caller, { permissions, projectIds: [project, second] }),
  ];
  for (const query of [end, all, list]) {
    for (const each of [key, ...bound]) {
      t.equal(codeOf(await identity.ask(each.caller, query)), 'FORBIDDEN', query);
    }
  }
  const { nodes } = sessionsOf(await identity.ask(admin.caller, list));
  t.match(nodes, [{ id: caller.credentialId, isCurrent: false }]);
  t.strictSame((await identity.ask(admin.caller, all)).data, { endAllSessions: 1 });
});

onEachStore('each sign-in begins another session', async (t, store) => {
  const identity = await startIdentity(t, store);
  await identity.signUp('ada@example.com');
  const client = createAuthClient(identity);
  const seen = new Set<string>();
  for (let count = 0; count < 3; count += 1) {
    await client.post('/sign-in/email', { email: 'ada@example.com', password: PASSWORD });
    seen.add(sessionIn(client));
  }
  t.equal(seen.size, 3, 'also for a browser that shows one');
});

onEachStore('a session ends when it is not used, and in the end anyway', async (t, store) => {
  const settings = defineIdentity({ sessions: { idleMinutes: 10, absoluteHours: 1 } });
  const identity = await startIdentity(t, store, { settings });
  const { session, caller } = await identity.signUp('ada@example.com');
  const start = identity.clock.now();
  const resolve = () => identity.identity.resolve({ kind: 'session', text: session });
  const seenAt = async () =>
    (await identity.tables.selectFrom('session').select('seen_at').executeTakeFirst())?.seen_at;
  const idleEnd = caller.expiresAt ?? 0;
  t.ok(Math.abs(idleEnd - start - 10 * MINUTE) < MINUTE, 'its caller ends with it');
  identity.clock.advance(MINUTE / 2);
  await resolve();
  await identity.idle();
  t.equal(await seenAt(), null, 'its use is noted once a minute at most');
  identity.clock.advance(MINUTE);
  await resolve();
  await identity.idle();
  t.equal(await seenAt(), identity.clock.now());
});

onEachStore('use keeps a session, but not for ever', async (t, store) => {
  const settings = defineIdentity({ sessions: { idleMinutes: 10, absoluteHours: 1 } });
  const identity = await startIdentity(t, store, { settings });
  const { session } = await identity.signUp('ada@example.com');
  const start = identity.clock.now();
  const resolve = () => identity.identity.resolve({ kind: 'session', text: session });
  const client = createAuthClient(identity);
  client.cookies.set('castellan.session_token', encodeURIComponent(session));
  let used = 0;
  for (let minute = 9; minute < 60; minute += 9) {
    identity.clock.set(start + minute * MINUTE);
    const { active } = await resolve();
    if (!active) t.fail(`minute ${minute}`);
    await identity.idle();
    used += 1;
  }
  t.equal(used, 6);
  const last = await resolve();
  if (!last.active) throw new Error('it is over too early');
  const end = last.caller.expiresAt ?? 0;
  t.ok(Math.abs(end - start - 60 * MINUTE) < MINUTE, 'the end that comes first');
  identity.clock.set(end);
  t.match(await resolve(), { active: false });
  t.equal((await client.get('/get-session')).text, 'null', 'nor does it open anything else');
  t.equal((await client.post('/change-password', {})).status, 401);
});

onEachStore(
  'a person has so many sessions and no more, and none that has ended',
  async (t, store) => {
    const identity = await startIdentity(t, store);
    const { caller, session } = await identity.signUp('ada@example.com');
    const at = (minutesAgo: number) => new Date(Date.now() - minutesAgo * MINUTE).toISOString();
    const rows = Array.from({ length: 101 }, (_, index) => ({
      id: `session_${index}`,
      token: `token_${index}`,
      userId: caller.subject ?? '',
      createdAt: at(index + 1),
      updatedAt: at(index + 1),
      expiresAt: index === 0 ? at(1) : at(-1_000),
      ipAddress: null,
      userAgent: null,
      seen_at: null,
    }));
    await identity.tables
      .$extendTables<{ session: Record<string, unknown> }>()
      .insertInto('session')
      .values(rows)
      .execute();
    const client = createAuthClient(identity);
    await client.post('/sign-in/email', { email: 'ada@example.com', password: PASSWORD });
    const left = await identity.tables.selectFrom('session').select('id').execute();
    const ids = new Set(left.map(({ id }) => id));
    t.notOk(ids.has('session_0'), 'it had ended');
    t.notOk(ids.has('session_100'), 'it was the oldest');
    t.ok(ids.has('session_1') && ids.has('session_97'));
    t.ok(ids.size <= 100);
    for (const text of [session, sessionIn(client)]) {
      t.match(await identity.identity.resolve({ kind: 'session', text }), { active: true });
    }
  },
);

onEachStore('a session that lies idle is over, for every door', async (t, store) => {
  const settings = defineIdentity({ sessions: { idleMinutes: 10 } });
  const identity = await startIdentity(t, store, { settings });
  const { session, caller } = await identity.signUp('ada@example.com');
  identity.clock.set(caller.expiresAt ?? 0);
  const client = createAuthClient(identity);
  client.cookies.set('castellan.session_token', encodeURIComponent(session));
  t.match(await identity.identity.resolve({ kind: 'session', text: session }), { active: false });
  t.equal((await client.get('/get-session')).text, 'null');
  t.equal((await client.post('/two-factor/enable', { password: PASSWORD })).status, 401);
  const { data } = await identity.ask({ ...caller, expiresAt: null }, list);
  t.match(data, { mySessions: { nodes: [] } });
});

function sessionsOf({ data }: Answer): Sessions {
  if (!data) throw new Error('there is no data');
  return data.mySessions as Sessions;
}

async function addProject({ tables }: TestIdentity, { organization }: Caller): Promise<string> {
  const id = `project_second_${organization}`;
  await tables
    .insertInto('project')
    .values({
      id,
      organization_id: organization ?? '',
      name: 'second',
      name_key: 'second',
      created_at: 1,
    })
    .execute();
  return id;
}
