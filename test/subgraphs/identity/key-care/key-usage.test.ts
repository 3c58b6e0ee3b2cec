import type { KeyUse } from '#contract/key-use.ts';
import { codeOf } from '../../support/ask-subgraph.ts';
import { startIdentity, type TestIdentity, withScopes } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';
import { only } from '../keys/support.ts';
import { DAY_MS, KEY, signedUp } from './support.ts';

type Usage = { lastUsed: Record<string, string> | null; usage: { day: string; count: number }[] };

const SECRET = 'the-secret-of-the-gateways-of-this-test';

function use(identity: TestIdentity, keyId: string, changes: Partial<KeyUse> = {}): KeyUse {
  const at = identity.clock.now();
  return { keyId, count: 1, at, network: '192.0.2.0/24', userAgent: 'curl', ...changes };
}

onEachStore('uses add up by day, whoever reports them', async (t, store) => {
  const identity = await startIdentity(t, store);
  const second = await startIdentity(t, store, { pepper: identity.pepper });
  const caller = await signedUp(identity);
  const { id } = await identity.createKey(caller);
  const other = await identity.createKey(caller);
  const read = async (key = id) => only<Usage>(await identity.ask(caller, KEY, { id: key }));
  t.same(await read(), { ...(await read()), lastUsed: null, usage: [] });

  const noon = Math.floor(identity.clock.now() / DAY_MS) * DAY_MS + DAY_MS / 2;
  identity.clock.set(noon);
  second.clock.set(noon);
  await Promise.all([
    identity.identity.reportUse([use(identity, id, { count: 3 }), use(identity, other.id)]),
    second.identity.reportUse([use(identity, id, { count: 4 }), use(identity, id, { count: 5 })]),
  ]);
  const yesterday = noon - DAY_MS + 1;
  await identity.identity.reportUse([use(identity, id, { at: yesterday, count: 2 })]);
  const day = (time: number) => new Date(time).toISOString().slice(0, 10);
  t.match(await read(), {
    lastUsed: { at: new Date(noon).toISOString(), address: '192.0.2.0/24', userAgent: 'curl' },
    usage: [
      { day: day(noon), count: 12 },
      { day: day(yesterday), count: 2 },
    ],
  });
  t.match(await read(other.id), { usage: [{ count: 1 }] });
  const oneDay = `query ($id: ID!) { apiKey(id: $id) { usage(days: 1) { count } } }`;
  t.same(only(await identity.ask(caller, oneDay, { id })), { usage: [{ count: 12 }] });
  for (const days of [0, 367]) {
    const query = oneDay.replace('1', String(days));
    t.equal(codeOf(await identity.ask(caller, query, { id })), 'BAD_USER_INPUT');
  }

  await identity.care.sweep();
  t.equal((await read()).usage.length, 2, 'they are kept');
  identity.clock.advance(91 * DAY_MS);
  await identity.care.sweep();
  t.equal((await identity.tables.selectFrom('api_key_usage_day').selectAll().execute()).length, 0);
});

onEachStore('the last use is written once a minute and never goes back', async (t, store) => {
  const identity = await startIdentity(t, store);
  const caller = await signedUp(identity);
  const { id } = await identity.createKey(caller);
  const start = identity.clock.now();
  const lastUse = async () =>
    identity.tables.selectFrom('api_key_use').selectAll().executeTakeFirstOrThrow();
  const steps: [number, string, number, string][] = [
    [0, 'curl', 0, 'curl'],
    [59_999, 'Go', 0, 'curl'],
    [60_000, 'Python', 60_000, 'Python'],
    [30_000, 'Java', 60_000, 'Python'],
  ];
  for (const [at, userAgent, writtenAt, written] of steps) {
    identity.clock.set(start + Math.max(at, 60_000));
    await identity.identity.reportUse([use(identity, id, { at: start + at, userAgent })]);
    t.match(await lastUse(), { used_at: start + writtenAt, user_agent: written });
  }
  t.match(await identity.tables.selectFrom('api_key_usage_day').selectAll().execute(), [
    { count: 4 },
  ]);
});

onEachStore('a use is no change of the key', async (t, store) => {
  const identity = await startIdentity(t, store);
  const caller = await signedUp(identity);
  const { id } = await identity.createKey(caller);
  const log = () => identity.tables.selectFrom('identity_log').select('sequence').execute();
  const before = await log();
  const heard: unknown[] = [];
  identity.identity.subscribe((event) => heard.push(event));
  await identity.identity.reportUse([use(identity, id)]);
  t.same(await log(), before);
  t.same(heard, []);
});

onEachStore('what cannot be true is not counted', async (t, store) => {
  const identity = await startIdentity(t, store, { secret: SECRET });
  const caller = await signedUp(identity);
  const { id } = await identity.createKey(caller);
  const now = identity.clock.now();
  await identity.identity.reportUse([
    use(identity, 'key_unknown'),
    use(identity, id, { at: now + 2 * DAY_MS }),
    use(identity, id, { at: now - 2 * DAY_MS }),
  ]);
  t.same(await identity.tables.selectFrom('api_key_usage_day').selectAll().execute(), []);
  t.same(await identity.tables.selectFrom('api_key_use').selectAll().execute(), []);

  const post = (payload: unknown, authorization = `Bearer ${SECRET}`) =>
    identity.app.inject({
      method: 'POST',
      url: '/uses',
      headers: { authorization, 'content-type': 'application/json' },
      payload: JSON.stringify(payload),
    });
  const good = use(identity, id);
  const bad: unknown[] = [
    {},
    [null],
    [{ ...good, count: 0 }],
    [{ ...good, count: 1.5 }],
    [{ ...good, count: 1e12 }],
    [{ ...good, keyId: 'a b' }],
    [{ ...good, network: '192.0.2.7' }],
    [{ ...good, userAgent: 'x'.repeat(41) }],
    [good, { ...good, at: 'now' }],
    Array.from({ length: 1_001 }, () => good),
  ];
  for (const payload of bad) t.equal((await post(payload)).statusCode, 400);
  for (const wrong of ['', 'Bearer no', `Bearer ${SECRET}x`]) {
    t.equal((await post([good], wrong)).statusCode, 401);
  }
  t.same(await identity.tables.selectFrom('api_key_usage_day').selectAll().execute(), []);
  t.equal((await post([good])).statusCode, 204);
  t.equal((await post([])).statusCode, 204);
  t.match(await identity.tables.selectFrom('api_key_usage_day').selectAll().execute(), [
    { key_id: id, count: 1 },
  ]);
  const closed = await startIdentity(t, store, { pepper: identity.pepper });
  t.equal((await closed.app.inject({ method: 'POST', url: '/uses' })).statusCode, 404);
});

onEachStore('how a key is used is told to whoever may see the key', async (t, store) => {
  const identity = await startIdentity(t, store);
  const caller = await signedUp(identity);
  const stranger = await signedUp(identity);
  const { id } = await identity.createKey(caller);
  await identity.identity.reportUse([use(identity, id)]);
  t.equal(codeOf(await identity.ask(stranger, KEY, { id })), 'NOT_FOUND');
  const readOnly = await identity.ask(withScopes(caller, 'read:all'), KEY, { id });
  t.match(only<Usage>(readOnly), { usage: [{ count: 1 }] });
  const none = await identity.ask(withScopes(caller, 'write:all'), KEY, { id });
  t.equal(codeOf(none), 'FORBIDDEN');
  const asked = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on APIKey { lastUsed { at } } } }`;
  const variables = { r: [{ __typename: 'APIKey', id }] };
  t.same(only(await identity.ask(stranger, asked, variables)), [null]);
});
