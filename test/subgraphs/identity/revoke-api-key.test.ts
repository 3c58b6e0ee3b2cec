import { type RawBuilder, sql } from 'kysely';
import type { IdentityEvent } from '#contract/identity.ts';
import { codeOf } from '../support/ask-subgraph.ts';
import { manyKeys, startIdentity, type TestIdentity } from '../support/running-identity.ts';
import { onEachStore } from '../support/stores.ts';

const REVOKE = 'mutation RevokeAPIKey($id: ID!) { revokeAPIKey(id: $id) { id revokedAt } }';

onEachStore('a revoked key is nobody’s from then on', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const { id, key } = await identity.createKey(caller);
  const answer = await identity.ask(caller, REVOKE, { id });
  const revokedAt = new Date(identity.clock.now()).toISOString();
  t.strictSame(answer.data, { revokeAPIKey: { id, revokedAt } });
  t.match(await identity.identity.resolve({ kind: 'key', text: key }), { active: false });
});

onEachStore('revoking twice is an error and keeps the first time', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const { id } = await identity.createKey(caller);
  await identity.ask(caller, REVOKE, { id });
  const before = await rows(identity);
  identity.clock.advance(1000);
  const events = listen(identity);
  t.equal(codeOf(await identity.ask(caller, REVOKE, { id })), 'ALREADY_REVOKED');
  t.strictSame(await rows(identity), before);
  t.strictSame(events, []);
});

onEachStore('of many who revoke a key at once one succeeds', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const { id } = await identity.createKey(caller);
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => identity.ask(caller, REVOKE, { id })),
  );
  t.equal(answers.filter(({ errors }) => errors === undefined).length, 1);
  t.equal(answers.filter((answer) => codeOf(answer) === 'ALREADY_REVOKED').length, 9);
});

onEachStore('an unknown id and somebody else’s get the same answer', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const { caller: other } = await identity.signUp();
  const { id } = await identity.createKey(other);
  const before = await rows(identity);
  const unknown = `key_${'0'.repeat(22)}`;
  for (const query of [
    REVOKE,
    'query ($id: ID!) { apiKey(id: $id) { id } }',
    'query ($id: ID!) { _entities(representations: [{ __typename: "APIKey", id: $id }]) { __typename } }',
  ]) {
    const answers = [];
    for (const each of [id, unknown, '', 'x'.repeat(1000), "' or 1=1 --"]) {
      answers.push(JSON.stringify(await identity.ask(caller, query, { id: each })));
    }
    t.equal(new Set(answers).size, 1, 'byte for byte');
  }
  t.equal(codeOf(await identity.ask(caller, REVOKE, { id })), 'NOT_FOUND');
  t.strictSame(await rows(identity), before);
});

onEachStore('what a key made is revoked with it, and what that made', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const admin = { permissions: ['READ', 'ADMIN'] };
  const parent = await identity.createKey(caller, admin);
  const child = await identity.createKey(parent.caller, admin);
  const grandchild = await identity.createKey(child.caller, admin);
  const neighbour = await identity.createKey(caller, admin);
  const events = listen(identity);
  await identity.ask(caller, REVOKE, { id: parent.id });
  t.same(new Set(events.map(({ id }) => id)), new Set([parent.id, child.id, grandchild.id]));
  for (const { key } of [parent, child, grandchild]) {
    t.match(await identity.identity.resolve({ kind: 'key', text: key }), { active: false });
  }
  t.match(await identity.identity.resolve({ kind: 'key', text: neighbour.key }), { active: true });
});

onEachStore('however many keys a key has made, they are revoked with it', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: manyKeys });
  const { caller } = await identity.signUp();
  const admin = { permissions: ['READ', 'ADMIN'] };
  const parent = await identity.createKey(caller, admin);
  // More than a statement can have parameters, on either store; and as deep as it is wide.
  const [wide, deep] = [66_000, 2000];
  await copies(identity, parent.id, 'wide', wide, () => sql`${parent.id}`);
  await copies(
    identity,
    parent.id,
    'deep',
    deep,
    (n) => sql`case ${n} when 1 then ${parent.id} else 'deep' || (${n} - 1) end`,
  );
  const neighbour = await identity.createKey(caller, admin);
  const events = listen(identity);
  const answer = await identity.ask(caller, REVOKE, { id: parent.id });
  t.equal(answer.errors, undefined);
  t.equal(events.length, 1 + wide + deep);
  const left = await identity.tables
    .selectFrom('api_key')
    .select('id')
    .where('revoked_at', 'is', null)
    .execute();
  t.same(left, [{ id: neighbour.id }]);
});

onEachStore('no key escapes the revocation of its maker', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: manyKeys });
  const { caller } = await identity.signUp();
  const maker = await identity.createKey(caller, { permissions: ['READ', 'ADMIN'] });
  const made = Array.from({ length: 10 }, () =>
    identity.ask(maker.caller, 'mutation { createAPIKey(input: { name: "a" }) { id } }'),
  );
  const revoked = identity.ask(caller, REVOKE, { id: maker.id });
  const answers = await Promise.all([...made, revoked]);
  t.equal(answers.at(-1)?.errors, undefined);
  const left = await identity.tables
    .selectFrom('api_key')
    .select('id')
    .where('revoked_at', 'is', null)
    .execute();
  t.strictSame(left, []);
});

onEachStore('a key without ADMIN revokes nothing, not even itself', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const key = await identity.createKey(caller, { permissions: ['READ', 'WRITE'] });
  t.equal(codeOf(await identity.ask(key.caller, REVOKE, { id: key.id })), 'FORBIDDEN');
  t.match(await identity.identity.resolve({ kind: 'key', text: key.key }), { active: true });
});

onEachStore(
  'a revocation is heard after it is stored and before it is answered',
  async (t, store) => {
    const identity = await startIdentity(t, store);
    const { caller } = await identity.signUp();
    const { id } = await identity.createKey(caller);
    const heard: IdentityEvent[] = [];
    let answered = false;
    const stop = identity.identity.subscribe((event) => {
      t.notOk(answered);
      heard.push(event);
    });
    identity.identity.subscribe(() => {
      throw new Error('a listener that fails');
    });
    const late = listen(identity);
    await identity.ask(caller, REVOKE, { id });
    answered = true;
    t.match(heard, [{ touches: 'credential', id }]);
    t.equal(heard.length, 1);
    t.strictSame(late, heard, 'a listener that fails does not keep it from the others');
    stop();
    answered = false;
    const second = await identity.createKey(caller);
    await identity.ask(caller, REVOKE, { id: second.id });
    t.equal(heard.length, 1);
  },
);

function listen(identity: TestIdentity): readonly IdentityEvent[] {
  const events: IdentityEvent[] = [];
  identity.identity.subscribe((event) => events.push(event));
  return events;
}

async function rows(identity: TestIdentity) {
  return identity.tables.selectFrom('api_key').selectAll().orderBy('id').execute();
}

/** Puts `count` keys like this one into the store, named `name` and a number, each made by what `madeBy` says. */
async function copies(
  { tables }: TestIdentity,
  id: string,
  name: string,
  count: number,
  madeBy: (n: RawBuilder<unknown>) => RawBuilder<unknown>,
): Promise<void> {
  const n = sql`numbers.n`;
  await sql`
    insert into api_key (id, name, prefix, hash, pepper_version, scopes, owner_id, organization_id,
      made_by, created_at, expires_at, revoked_at)
    select ${name} || ${n}, name, prefix, ${name} || ${n}, pepper_version, scopes, owner_id,
      organization_id, ${madeBy(n)}, created_at, expires_at, revoked_at
    from api_key, (
      with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${count})
      select n from numbers
    ) as numbers
    where id = ${id}`.execute(tables);
  // PostgreSQL does so by itself, a minute later: until then it would not use its indexes.
  await sql`analyze api_key`.execute(tables);
}
