import t from 'tap';
import { createApiKey } from '#contract/api-key.ts';
import { createKeyTexts } from '#subgraphs/identity/api-keys/key-texts.ts';
import { createPepperRing } from '#subgraphs/identity/api-keys/pepper-ring.ts';
import { readLeakReports } from '#subgraphs/identity/leaks/leak-report.ts';
import { createLeakedKeys } from '#subgraphs/identity/leaks/leaked-keys.ts';
import { createIdentityEvents } from '#subgraphs/identity/log/identity-events.ts';
import { createIdentityLog } from '#subgraphs/identity/log/identity-log.ts';
import { defineIdentity } from '#subgraphs/identity/settings.ts';
import { codeOf } from '../../support/ask-subgraph.ts';
import { startIdentity, type TestIdentity, withScopes } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';
import { callerOf, join, only, ROTATE } from '../keys/support.ts';
import {
  actionsOf,
  DAY_MS,
  foreignKey,
  IMPORT,
  importing,
  KEY,
  logOf,
  PREFIX,
  reportLeaks,
  sha256,
  signedUp,
} from './support.ts';

const RELEASE = 'mutation ($id: ID!) { releaseAPIKey(id: $id) { id status } }';
const UPDATE_CARE = `mutation ($input: UpdateKeyCareInput!) { updateKeyCare(input: $input) { onLeak } }`;
const responding = (response: 'notify' | 'quarantine' | 'revoke') =>
  defineIdentity({ leaks: { response } });
const SOURCE = { url: 'https://user:pw@git.example/a/b?t=1#x', type: 'cst', source: 'commit' };

const statusOf = async (
  identity: TestIdentity,
  caller: Parameters<TestIdentity['ask']>[0],
  id: string,
) => only(await identity.ask(caller, KEY, { id })).status;

onEachStore('a key that was found is quarantined until it is released', async (t, store) => {
  const identity = await startIdentity(t, store);
  const caller = await signedUp(identity);
  const found = await identity.createKey(caller, { permissions: ['READ', 'ADMIN'] });
  const child = await identity.createKey(found.caller, { permissions: ['READ', 'ADMIN'] });
  const grandchild = await identity.createKey(child.caller);
  const other = await identity.createKey(caller);
  const heard: { id: string }[] = [];
  identity.identity.subscribe((event) => heard.push(event));

  const answer = await reportLeaks(identity, [{ token: found.key, ...SOURCE }]);
  t.match(answer, { status: 202, body: '{"received":1}' });
  t.same(new Set(heard.map(({ id }) => id)), new Set([found.id, child.id, grandchild.id]));
  for (const { key, id } of [found, child, grandchild]) {
    t.equal(await callerOf(identity, key), null);
    t.equal(await statusOf(identity, caller, id), 'QUARANTINED');
  }
  t.match(await callerOf(identity, other.key), { credentialId: other.id });
  const leaked = (await logOf(identity, found.id)).find(({ action }) => action === 'key.leaked');
  t.match(leaked, {
    actor_kind: 'anonymous',
    address: '203.0.113.9',
    detail: { response: 'quarantine', url: 'https://git.example/a/b', source: 'commit' },
  });
  t.match((await logOf(identity, child.id)).at(-1), {
    action: 'key.quarantined',
    touches: 'credential',
    detail: { reason: 'maker_leaked' },
  });
  // Claims of it may still be about, and the keys that it made must not help it.
  const release = (who: typeof caller, id = found.id) => identity.ask(who, RELEASE, { id });
  for (const who of [found.caller, child.caller])
    t.equal(codeOf(await release(who)), 'UNAUTHENTICATED');
  t.equal(codeOf(await release(caller, child.id)), 'BAD_USER_INPUT', 'its maker is quarantined');
  t.equal(codeOf(await release(caller, other.id)), 'BAD_USER_INPUT', 'it is not quarantined');
  const enable = 'mutation ($id: ID!) { enableAPIKey(id: $id) { id } }';
  t.equal(codeOf(await identity.ask(caller, enable, { id: found.id })), 'BAD_USER_INPUT');

  // What was found itself is not released with its maker.
  await reportLeaks(identity, [{ token: child.key }]);
  t.match(only(await release(caller)), { status: 'ACTIVE' });
  t.match(await callerOf(identity, found.key), { credentialId: found.id });
  t.equal(await callerOf(identity, child.key), null);
  t.equal(await callerOf(identity, grandchild.key), null);
  t.match(only(await release(caller, child.id)), { status: 'ACTIVE' });
  t.match(await callerOf(identity, grandchild.key), { credentialId: grandchild.id });
});

onEachStore('only those who have or govern a key release it, in a session', async (t, store) => {
  const identity = await startIdentity(t, store);
  const owner = await signedUp(identity);
  const member = await join(identity, await signedUp(identity), owner.organization, 'member');
  const stranger = await signedUp(identity);
  const key = await identity.createKey(owner);
  const theirs = await identity.createKey(member);
  const admin = await identity.createKey(owner, { permissions: ['READ', 'ADMIN'] });
  await reportLeaks(identity, [{ token: key.key }, { token: theirs.key }]);
  const release = (who: typeof owner, id = key.id) => identity.ask(who, RELEASE, { id });
  for (const who of [stranger, member]) {
    t.equal(codeOf(await release(who)), 'NOT_FOUND');
    t.equal(codeOf(await release(who, 'key_unknown')), 'NOT_FOUND');
  }
  t.equal(codeOf(await release(admin.caller)), 'FORBIDDEN', 'a key');
  t.equal(codeOf(await release(withScopes(owner, 'read:all'))), 'FORBIDDEN');
  t.match(only(await release(member, theirs.id)), { status: 'ACTIVE' });
  await reportLeaks(identity, [{ token: theirs.key }]);
  t.match(only(await release(owner, theirs.id)), { status: 'ACTIVE' }, 'who governs');
});

onEachStore(
  'a quarantined key that is rotated does not work by what was found',
  async (t, store) => {
    const identity = await startIdentity(t, store);
    const caller = await signedUp(identity);
    const { id, key: found } = await identity.createKey(caller);
    await reportLeaks(identity, [{ token: found }]);
    const { key } = only<{ key: string }>(
      await identity.ask(caller, ROTATE, { id, overlap: '1d' }),
    );
    t.equal(await callerOf(identity, key), null);
    only(await identity.ask(caller, RELEASE, { id }));
    t.match(await callerOf(identity, key), { credentialId: id });
    t.equal(await callerOf(identity, found), null);
  },
);

onEachStore('a text from before a rotation ends alone', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: responding('revoke') });
  const caller = await signedUp(identity);
  const { id, key: former } = await identity.createKey(caller);
  const { key } = only<{ key: string }>(await identity.ask(caller, ROTATE, { id, overlap: '1d' }));
  t.match(await callerOf(identity, former), { credentialId: id });
  const heard: unknown[] = [];
  identity.identity.subscribe((event) => heard.push(event));
  await reportLeaks(identity, [{ token: former }]);
  t.match(heard, [{ touches: 'credential', id }]);
  t.equal(await callerOf(identity, former), null);
  t.match(await callerOf(identity, key), { credentialId: id });
  await reportLeaks(identity, [{ token: former }]);
  t.equal((await actionsOf(identity, id)).filter((action) => action === 'key.leaked').length, 1);
  await reportLeaks(identity, [{ token: key }]);
  t.equal(await callerOf(identity, key), null);
});

onEachStore('the deployment and the organization say what happens', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: responding('notify') });
  const [told, revoking] = [await signedUp(identity), await signedUp(identity)];
  only(await identity.ask(revoking, UPDATE_CARE, { input: { onLeak: 'REVOKE' } }));
  const key = await identity.createKey(told);
  const theirs = await identity.createKey(revoking, { permissions: ['READ', 'ADMIN'] });
  const child = await identity.createKey(theirs.caller);
  await reportLeaks(identity, [{ token: key.key }, { token: theirs.key }]);
  t.match(await callerOf(identity, key.key), { credentialId: key.id });
  t.equal(await statusOf(identity, revoking, theirs.id), 'REVOKED');
  t.equal(await statusOf(identity, revoking, child.id), 'REVOKED');
  t.same(await actionsOf(identity, key.id), ['key.created', 'key.leaked']);
  t.match((await actionsOf(identity, theirs.id)).toSorted(), [
    'key.created',
    'key.leaked',
    'key.revoked',
  ]);
});

for (const response of ['notify', 'quarantine', 'revoke'] as const) {
  onEachStore(`who reports a key over and over fills no log: ${response}`, async (t, store) => {
    const settings = defineIdentity({ leaks: { response, reportsPerMinute: 100 } });
    const identity = await startIdentity(t, store, { settings });
    const caller = await signedUp(identity);
    const { id, key } = await identity.createKey(caller);
    const count = async () =>
      (await identity.tables.selectFrom('identity_log').select('sequence').execute()).length;
    await reportLeaks(identity, [{ token: key }]);
    const before = await count();
    const many = Array.from({ length: 100 }, () => ({ token: key }));
    await Promise.all([reportLeaks(identity, many), reportLeaks(identity, many)]);
    t.equal(await count(), before);
    identity.clock.advance(DAY_MS + 1);
    await reportLeaks(identity, many);
    const again = response === 'notify' ? 1 : 0;
    t.equal(
      (await actionsOf(identity, id)).filter((each) => each === 'key.leaked').length,
      1 + again,
    );
  });
}

onEachStore('the answer says nothing of what was found, and costs no look-up', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: importing });
  const caller = await signedUp(identity);
  const { key } = await identity.createKey(caller);
  const real = await reportLeaks(identity, [{ token: key }]);
  const again = await reportLeaks(identity, [{ token: key }]);
  const unknown = await reportLeaks(identity, [{ token: createApiKey('test') }]);
  const garbage = await reportLeaks(identity, [{ token: 'x' }]);
  const stable = ({ status, body, headers }: typeof real) => ({
    status,
    body,
    headers: Object.keys(headers).filter((name) => name !== 'date'),
  });
  for (const answer of [again, unknown, garbage]) t.same(stable(answer), stable(real));

  await identity.tables.schema.alterTable('api_key').renameTo('api_key_gone').execute();
  const shapeless = ['', 'x', `${key}x`, `${key.slice(0, -1)}!`, 'a'.repeat(5_000), PREFIX];
  t.equal(
    (
      await reportLeaks(
        identity,
        shapeless.map((token) => ({ token })),
      )
    ).status,
    202,
  );
  const failed = await reportLeaks(identity, [{ token: key }]);
  t.equal(failed.status, 500, 'nothing is acknowledged that was not done');
  t.notOk(failed.body.includes(key));
  t.notOk(identity.logs().includes(key));
});

onEachStore('imported keys are found by their prefix', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: importing });
  const caller = await signedUp(identity);
  const text = foreignKey();
  await identity.ask(caller, IMPORT, {
    input: { prefix: PREFIX, keys: [{ name: 'a', hash: sha256(text) }] },
  });
  t.ok(await callerOf(identity, text));
  await reportLeaks(identity, [{ token: sha256(text) }, { token: `${text}x` }]);
  t.ok(await callerOf(identity, text));
  await reportLeaks(identity, [{ token: text }]);
  t.equal(await callerOf(identity, text), null);
});

onEachStore('reports are bounded, in size and number, for each address', async (t, store) => {
  const settings = defineIdentity({ leaks: { reportsPerMinute: 3 } });
  const identity = await startIdentity(t, store, { settings });
  const from = (address: string, body: unknown = []) => reportLeaks(identity, body, address);
  for (const body of [{}, null, [1], [{}], [{ token: 1 }], Array(101).fill({ token: 'x' })]) {
    t.match(await from(`192.0.2.${JSON.stringify(body).length % 250}`, body), { status: 400 });
  }
  const large = JSON.stringify([{ token: 'x'.repeat(70_000) }]);
  t.match(await from('192.0.2.251', large), { status: 413 });
  const broken = `[{"token":"${createApiKey('test')}`;
  const answer = await from('192.0.2.252', broken);
  t.equal(answer.status, 400);
  t.notOk(answer.body.includes('cst_test_') || identity.logs().includes('cst_test_'));

  for (const address of ['198.51.100.1', '2001:db8:1:2::1']) {
    for (let count = 0; count < 3; count += 1) t.match(await from(address), { status: 202 });
    t.match(await from(address), { status: 429, headers: { 'retry-after': '60' } });
  }
  t.match(await from('2001:db8:1:2:ffff::9'), { status: 429 }, 'the same network');
  t.match(await from('2001:db8:1:3::1'), { status: 202 });
  t.match(await from('198.51.100.2'), { status: 202 });
  // Nobody says in a header that they are somebody else.
  const pretending = await identity.app.inject({
    method: 'POST',
    url: '/api/leaks',
    remoteAddress: '198.51.100.1',
    headers: { 'castellan-client-address': '198.51.100.77', 'x-forwarded-for': '198.51.100.78' },
    payload: [],
  });
  t.equal(pretending.statusCode, 429);
  identity.clock.advance(60_000);
  t.match(await from('198.51.100.1'), { status: 202 });
});

onEachStore('scanners are told what keys look like', async (t, store) => {
  const settings = defineIdentity({ keys: { brand: 'castle' }, keyImport: { prefixes: [PREFIX] } });
  const identity = await startIdentity(t, store, { settings });
  const caller = await signedUp(identity);
  const { key } = await identity.createKey(caller);
  const response = await identity.app.inject({ url: '/.well-known/secret-scanning.json' });
  t.match(response.headers, { 'cache-control': 'public, max-age=3600' });
  const page = response.json<{ report: { url: string }; patterns: { regex: string }[] }>();
  t.equal(page.report.url, '/api/leaks');
  const [own, foreign] = page.patterns.map(({ regex }) => new RegExp(regex));
  t.same(own?.exec(`a = "${key}";`)?.[0], key);
  t.notOk(own?.test(key.slice(0, -1)));
  const text = foreignKey();
  t.same(foreign?.exec(`a = "${text}";`)?.[0], text);
});

t.test('a report puts no key into the log', async (t) => {
  const key = createApiKey('test');
  const table: [unknown, string | null][] = [
    ['https://git.example/a/b.txt', 'https://git.example/a/b.txt'],
    [`https://git.example/${'a1'.repeat(20)}/x`, `https://git.example/${'a1'.repeat(20)}/x`],
    [`https://git.example/${key}`, null],
    [`https://git.example/${key.slice(5)}`, null],
    [`https://${key}@git.example/`, 'https://git.example/'],
    [`https://git.example/?q=${key}#${key}`, 'https://git.example/'],
    [
      `https://git.example/${[...key].map((each) => `%${each.charCodeAt(0).toString(16)}`).join('')}`,
      null,
    ],
    ['https://git.example/short-token', null],
    ['https://git.example/%zz', null],
    ['https://git.example/\n<script>', 'https://git.example/%3Cscript%3E'],
    [`https://git.example/${'a/'.repeat(300)}`, null],
    ['javascript:alert(1)', null],
    ['not a url', null],
    [7, null],
    [undefined, null],
  ];
  for (const [url, expected] of table) {
    const reports = readLeakReports([{ token: key, url }, { token: 'short-token' }]);
    t.equal(reports?.[0]?.url, expected, String(url));
  }
  for (const source of [key, key.toLowerCase(), 'a b', 'x'.repeat(41), 7, null, '']) {
    t.equal(readLeakReports([{ token: key, source }])?.[0]?.source, null);
  }
  t.equal(
    readLeakReports([{ token: key, source: 'pull_request_title' }])?.[0]?.source,
    'pull_request_title',
  );
});

onEachStore('a text that opens nothing any more is as unknown as any other', async (t, store) => {
  const identity = await startIdentity(t, store);
  const caller = await signedUp(identity);
  const ended = await identity.createKey(caller, { expiresIn: '12h' });
  const rotated = await identity.createKey(caller);
  const rotate = async (id: string, overlap: string) =>
    only<{ key: string }>(await identity.ask(caller, ROTATE, { id, overlap })).key;
  const texts = [ended.key, await rotate(ended.id, '7d'), rotated.key];
  await rotate(rotated.id, '1h');
  // The key ends before the overlap does, and the other way round.
  identity.clock.advance(13 * 3_600_000);
  const before = await identity.tables.selectFrom('api_key').selectAll().orderBy('id').execute();
  const begun: string[] = [];
  const database = new Proxy(identity.tables, {
    get(target, name) {
      if (name === 'transaction') begun.push(name);
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  const report = createLeakedKeys({
    database,
    dialect: store.dialect,
    clock: identity.clock,
    events: await createIdentityEvents(createIdentityLog(database), () => undefined),
    texts: createKeyTexts(createPepperRing(identity.pepper), []),
    settings: defineIdentity(),
  });
  const find = (token: string) =>
    report([{ token, url: null, source: null }], { address: null, requestId: null });
  for (const text of texts) await find(text);
  t.same(begun, [], 'it costs the one look-up');
  t.same(await identity.tables.selectFrom('api_key').selectAll().orderBy('id').execute(), before);
  const live = await identity.createKey(caller);
  await find(live.key);
  t.same(begun, ['transaction'], 'unlike one that opens something');
});
