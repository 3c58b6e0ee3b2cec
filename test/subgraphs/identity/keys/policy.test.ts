import { anonymousCaller } from '#contract/caller.ts';
import { defineIdentity } from '#subgraphs/identity/settings.ts';
import { codeOf } from '../../support/ask-subgraph.ts';
import { startIdentity, withScopes } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';
import { CREATE, join, makeAccount, only, REVOKE, UPDATE } from './support.ts';

const POLICY = `mutation ($input: UpdateKeyPolicyInput!) { updateKeyPolicy(input: $input) {
  defaultExpiresIn maxExpiresIn allowNever maxPersonalKeys maxServiceAccountKeys } }`;
const READ =
  '{ keyPolicy { defaultExpiresIn maxExpiresIn allowNever maxPersonalKeys maxServiceAccountKeys } }';

onEachStore('a person has five live keys, however many are asked for at once', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => identity.ask(caller, CREATE, { input: { name: 'a' } })),
  );
  const made = answers.filter(({ errors }) => errors === undefined);
  t.equal(made.length, 5);
  const refused = answers.filter((answer) => codeOf(answer) === 'KEY_LIMIT_REACHED');
  t.equal(refused.length, 7);
  t.match(refused[0]?.errors, [{ extensions: { limit: 5 } }]);
  const [first] = made;
  await identity.ask(caller, REVOKE, { id: first && only<{ id: string }>(first).id });
  await identity.createKey(caller, { expiresIn: '1h' });
  t.equal(
    codeOf(await identity.ask(caller, CREATE, { input: { name: 'a' } })),
    'KEY_LIMIT_REACHED',
  );
  identity.clock.advance(3_600_000);
  await identity.createKey(caller);
});

onEachStore('keys that a key makes count for its owner, and others’ do not', async (t, store) => {
  const identity = await startIdentity(t, store, {
    settings: defineIdentity({ keys: { maxPersonalKeys: 2, maxServiceAccountKeys: 1 } }),
  });
  const { caller: owner } = await identity.signUp();
  const { caller: person } = await identity.signUp();
  const member = await join(identity, person, owner.organization, 'member');
  const maker = await identity.createKey(owner, { permissions: ['READ', 'ADMIN'] });
  await identity.createKey(maker.caller);
  const input = { name: 'a' };
  for (const who of [owner, maker.caller]) {
    t.equal(codeOf(await identity.ask(who, CREATE, { input })), 'KEY_LIMIT_REACHED');
  }
  await identity.createKey(member);
  const serviceAccountId = await makeAccount(identity, owner);
  await identity.createKey(owner, { serviceAccountId });
  const more = await identity.ask(owner, CREATE, { input: { ...input, serviceAccountId } });
  t.match(more.errors, [{ extensions: { code: 'KEY_LIMIT_REACHED', limit: 1 } }]);
});

onEachStore('a policy holds for what is asked from then on', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const day = 24 * 3_600_000;
  const before = await identity.createKey(caller);
  const input = { defaultExpiresIn: '7d', maxExpiresIn: '30d', maxPersonalKeys: 3 };
  t.match((await identity.ask(caller, POLICY, { input })).data, {
    updateKeyPolicy: { ...input, allowNever: true, maxServiceAccountKeys: 20 },
  });
  const made = await identity.createKey(caller);
  t.equal(made.caller.expiresAt, identity.clock.now() + 7 * day);
  t.equal(before.caller.expiresAt, null);
  for (const [argument, wish] of [
    ['expiresIn', { expiresIn: '31d' }],
    ['expiresIn', { expiresIn: 'never' }],
    ['expiresAt', { expiresAt: new Date(identity.clock.now() + 30 * day + 1).toISOString() }],
  ] as const) {
    const refused = { code: 'KEY_POLICY_VIOLATED', argument, limit: 'maxExpiresIn', value: '30d' };
    const created = await identity.ask(caller, CREATE, { input: { name: 'a', ...wish } });
    t.match(created.errors, [{ extensions: refused }]);
    const updated = await identity.ask(caller, UPDATE, { id: made.id, input: wish });
    t.match(updated.errors, [{ extensions: refused }]);
  }
  await identity.createKey(caller, { expiresIn: '30d' });
  t.equal(
    codeOf(await identity.ask(caller, CREATE, { input: { name: 'a' } })),
    'KEY_LIMIT_REACHED',
  );
  await identity.ask(caller, POLICY, {
    input: { maxExpiresIn: null, allowNever: false, defaultExpiresIn: null },
  });
  t.match((await identity.ask(caller, READ)).data, {
    keyPolicy: { maxExpiresIn: null, allowNever: false, maxPersonalKeys: 3 },
  });
  await identity.ask(caller, REVOKE, { id: before.id });
  const endless = await identity.ask(caller, CREATE, { input: { name: 'a' } });
  t.match(endless.errors, [{ extensions: { code: 'KEY_POLICY_VIOLATED', limit: 'allowNever' } }]);
});

onEachStore('an organization is stricter than its deployment, never looser', async (t, store) => {
  const settings = defineIdentity({
    keys: { maxExpiresIn: '90d', allowNever: false, mostKeysOfAnyOwner: 10 },
  });
  const identity = await startIdentity(t, store, { settings });
  const { caller } = await identity.signUp();
  const cases = [
    ['maxExpiresIn', '91d'],
    ['maxExpiresIn', 'soon'],
    ['defaultExpiresIn', '1y'],
    ['allowNever', true],
    ['maxPersonalKeys', 11],
    ['maxPersonalKeys', 0],
    ['maxServiceAccountKeys', -1],
  ] as const;
  for (const [argument, value] of cases) {
    const answer = await identity.ask(caller, POLICY, { input: { [argument]: value } });
    t.equal(codeOf(answer), 'BAD_USER_INPUT', `${argument}: ${value}`);
    t.equal(answer.errors?.[0]?.extensions?.argument, argument);
  }
  t.match((await identity.ask(caller, READ)).data, { keyPolicy: { maxExpiresIn: '90d' } });
  const made = await identity.createKey(caller);
  t.equal(made.caller.expiresAt, identity.clock.now() + 90 * 24 * 3_600_000);
});

onEachStore('a policy is changed by those who govern', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller: owner } = await identity.signUp();
  const member = await join(
    identity,
    (await identity.signUp()).caller,
    owner.organization,
    'member',
  );
  const input = { maxPersonalKeys: 100 };
  t.equal(codeOf(await identity.ask(member, POLICY, { input })), 'FORBIDDEN');
  t.equal(
    codeOf(await identity.ask(withScopes(owner, 'read:all'), POLICY, { input })),
    'FORBIDDEN',
  );
  t.equal(codeOf(await identity.ask(anonymousCaller, POLICY, { input })), 'UNAUTHENTICATED');
  t.equal(codeOf(await identity.ask(anonymousCaller, READ)), 'UNAUTHENTICATED');
  t.match((await identity.ask(member, READ)).data, { keyPolicy: { maxPersonalKeys: 5 } });
});

onEachStore('a deployment has a brand, and keys outlive another one', async (t, store) => {
  const acme = { settings: defineIdentity({ keys: { brand: 'acme' } }) };
  const first = await startIdentity(t, store, acme);
  const { caller } = await first.signUp();
  const { key, id } = await first.createKey(caller);
  t.match(key, /^acme_test_/);
  const second = await startIdentity(t, store, { pepper: first.pepper });
  t.match(await second.identity.resolve({ kind: 'key', text: key }), { active: true });
  t.match((await second.createKey(caller)).key, /^cst_test_/);
  t.ok(id);
});
