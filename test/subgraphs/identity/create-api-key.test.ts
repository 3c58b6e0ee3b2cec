import type { Test } from 'tap';
import { isApiKeyShaped } from '#contract/api-key.ts';
import { anonymousCaller } from '#contract/caller.ts';
import { defineIdentity } from '#subgraphs/identity/settings.ts';
import { type Answer, codeOf } from '../support/ask-subgraph.ts';
import { startIdentity, type TestIdentity, withScopes } from '../support/running-identity.ts';
import { onEachStore } from '../support/stores.ts';

const CREATE = `mutation CreateAPIKey($input: CreateAPIKeyInput!) {
  createAPIKey(input: $input) {
    id key name createdAt expiresAt
    apiKey { id name prefix type permissions scopes createdAt expiresAt revokedAt owner { id } }
  }
}`;

onEachStore('a key is made as it was asked for, and its text is shown once', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  identity.clock.set(Date.parse('2030-01-31T08:00:00.000Z'));
  const { data } = await identity.ask({ ...caller, expiresAt: null }, CREATE, {
    input: { name: ' CI/CD Pipeline ', permissions: ['WRITE', 'READ', 'READ'], expiresIn: '30d' },
  });
  const made = data?.createAPIKey as Record<string, unknown>;
  t.ok(isApiKeyShaped(String(made.key)));
  t.match(made.key, /^cst_test_/);
  const common = {
    id: made.id,
    name: 'CI/CD Pipeline',
    createdAt: '2030-01-31T08:00:00.000Z',
    expiresAt: '2030-03-02T08:00:00.000Z',
  };
  const apiKey = {
    ...common,
    prefix: String(made.key).slice(0, 'cst_test_1234'.length),
    type: 'FULL_ACCESS',
    permissions: ['READ', 'WRITE'],
    scopes: ['read:all', 'write:all'],
    revokedAt: null,
    owner: { id: caller.subject },
  };
  t.strictSame(made, { ...common, key: made.key, apiKey });
  const read = await identity.ask(
    { ...caller, expiresAt: null },
    `{ apiKey(id: "${made.id}") { id name prefix type permissions scopes createdAt expiresAt revokedAt owner { id } } }`,
  );
  t.strictSame(read.data, { apiKey });
});

onEachStore('a key may read, and lives for ever, unless more was asked for', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  for (const left of [{}, { permissions: null, expiresIn: null, expiresAt: null }]) {
    const { data } = await identity.ask(caller, CREATE, { input: { name: 'plain', ...left } });
    t.match(data, {
      createAPIKey: { expiresAt: null, apiKey: { type: 'READ_ONLY', permissions: ['READ'] } },
    });
  }
});

onEachStore('keys of production are told apart by their class', async (t, store) => {
  const settings = defineIdentity({ signUp: { policy: 'open', verifyEmail: false } });
  const identity = await startIdentity(t, store, { production: true, settings });
  const { caller } = await identity.signUp();
  t.match((await identity.createKey(caller)).key, /^cst_live_/);
});

const badInput: Record<string, readonly [argument: string | undefined, input: object]> = {
  'no name': [undefined, {}],
  'an empty name': ['name', { name: '' }],
  'a blank name': ['name', { name: ' \u00a0 ' }],
  'a long name': ['name', { name: 'x'.repeat(101) }],
  'a name of two lines': ['name', { name: 'one\ntwo' }],
  'a name with a terminal escape': ['name', { name: 'one\u001b[2Jtwo' }],
  'a name with a control character': ['name', { name: 'one\u0007two' }],
  'a name that is written backwards': ['name', { name: 'one\u202etwo' }],
  'half a character': ['name', { name: 'one\ud800two' }],
  'no permissions': ['permissions', { name: 'a', permissions: [] }],
  'an unknown permission': [undefined, { name: 'a', permissions: ['FLY'] }],
  'a permission in lower case': [undefined, { name: 'a', permissions: ['read'] }],
  'an unknown field': [undefined, { name: 'a', owner: 'somebody' }],
  'an empty duration': ['expiresIn', { name: 'a', expiresIn: '' }],
  'a duration without a unit': ['expiresIn', { name: 'a', expiresIn: '30' }],
  'a duration with an unknown unit': ['expiresIn', { name: 'a', expiresIn: '30x' }],
  'no time at all': ['expiresIn', { name: 'a', expiresIn: '0d' }],
  'a negative duration': ['expiresIn', { name: 'a', expiresIn: '-1d' }],
  'half a day': ['expiresIn', { name: 'a', expiresIn: '0.5d' }],
  'a duration with words': ['expiresIn', { name: 'a', expiresIn: '30d; drop table' }],
  'an absurd duration': ['expiresIn', { name: 'a', expiresIn: '99999y' }],
  'more digits than any': ['expiresIn', { name: 'a', expiresIn: `${'9'.repeat(400)}d` }],
  'eleven years': ['expiresIn', { name: 'a', expiresIn: '11y' }],
  yesterday: ['expiresAt', { name: 'a', expiresAt: '2020-01-01T00:00:00Z' }],
  'the year 9999': ['expiresAt', { name: 'a', expiresAt: '9999-01-01T00:00:00Z' }],
  'a date without a time': [undefined, { name: 'a', expiresAt: '2030-01-01' }],
  'a day that does not exist': [undefined, { name: 'a', expiresAt: '2030-02-30T00:00:00Z' }],
  'a number for a date': [undefined, { name: 'a', expiresAt: 1 }],
  'two ends': ['expiresAt', { name: 'a', expiresIn: '1d', expiresAt: '2030-01-01T00:00:00Z' }],
};

onEachStore('bad input is answered with a code and changes nothing', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const before = await rows(identity);
  for (const [what, [argument, input]] of Object.entries(badInput)) {
    const answer = await identity.ask(caller, CREATE, { input });
    t.equal(codeOf(answer), 'BAD_USER_INPUT', what);
    t.equal(answer.errors?.[0]?.extensions?.argument, argument, `${what}: the argument`);
  }
  t.strictSame(await rows(identity), before);
});

onEachStore('who may not make keys makes none', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const reader = await identity.createKey(caller, { permissions: ['READ', 'WRITE'] });
  const before = await rows(identity);
  const input = { name: 'mine' };
  const denied = await identity.ask(reader.caller, CREATE, { input });
  await denies(t, denied, 'FORBIDDEN', 'You do not have permission to perform this action');
  const unknown = await identity.ask(anonymousCaller, CREATE, { input });
  await denies(t, unknown, 'UNAUTHENTICATED', 'You must be authenticated to perform this action');
  t.strictSame(await rows(identity), before);
});

async function denies(t: Test, answer: Answer, code: string, message: string): Promise<void> {
  t.equal(codeOf(answer), code);
  t.equal(answer.errors?.[0]?.message, message);
  t.equal(answer.data, null);
}

onEachStore('a key gives away no more than it has', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const maker = await identity.createKey(caller, { permissions: ['READ', 'ADMIN'] });
  const before = await rows(identity);
  const wide = { name: 'wide', permissions: ['READ', 'WRITE'] };
  t.equal(codeOf(await identity.ask(maker.caller, CREATE, { input: wide })), 'FORBIDDEN');
  // Claims that say more than the record do not help.
  const claims = withScopes(maker.caller, 'read:all', 'write:all', 'admin');
  t.equal(codeOf(await identity.ask(claims, CREATE, { input: wide })), 'FORBIDDEN');
  t.strictSame(await rows(identity), before);
  const narrow = await identity.createKey(maker.caller, { permissions: ['READ'] });
  t.strictSame(narrow.caller.permissions.scopes, ['read:all']);
  t.equal(narrow.caller.organization, caller.organization);
});

onEachStore('a key that is made by a key ends no later than it', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const maker = await identity.createKey(caller, {
    permissions: ['READ', 'ADMIN'],
    expiresIn: '2d',
  });
  const end = maker.caller.expiresAt;
  const before = await rows(identity);
  const later = await identity.ask(maker.caller, CREATE, { input: { name: 'a', expiresIn: '3d' } });
  t.match(later.errors, [{ extensions: { code: 'BAD_USER_INPUT', argument: 'expiresIn' } }]);
  const expiresAt = new Date((end ?? 0) + 1).toISOString();
  const justLater = await identity.ask(maker.caller, CREATE, { input: { name: 'a', expiresAt } });
  t.match(justLater.errors, [{ extensions: { code: 'BAD_USER_INPUT', argument: 'expiresAt' } }]);
  t.strictSame(await rows(identity), before);
  t.equal((await identity.createKey(maker.caller)).caller.expiresAt, end, 'left out: the same end');
  const shorter = await identity.createKey(maker.caller, { expiresIn: '1d' });
  t.ok((shorter.caller.expiresAt ?? Infinity) < (end ?? 0));
});

onEachStore(
  'a key that has ended makes nothing with claims that are still good',
  async (t, store) => {
    const identity = await startIdentity(t, store);
    const { caller } = await identity.signUp();
    const maker = await identity.createKey(caller, { permissions: ['READ', 'ADMIN'] });
    await identity.ask(caller, `mutation { revokeAPIKey(id: "${maker.id}") { id } }`);
    const before = await rows(identity);
    const answer = await identity.ask(maker.caller, CREATE, { input: { name: 'late' } });
    t.equal(codeOf(answer), 'UNAUTHENTICATED');
    t.strictSame(await rows(identity), before);
  },
);

async function rows(identity: TestIdentity) {
  return identity.tables.selectFrom('api_key').selectAll().orderBy('id').execute();
}
