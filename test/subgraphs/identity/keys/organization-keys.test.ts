import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { codeOf } from '../../support/ask-subgraph.ts';
import { startIdentity, withScopes } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';
import { callerOf, join, makeAccount, only, REVOKE } from './support.ts';

const LIST = `query ($scope: APIKeyScope, $filter: APIKeyFilter, $first: Int, $after: String) {
  apiKeys(scope: $scope, filter: $filter, first: $first, after: $after) {
    nodes { name status } pageInfo { hasNextPage endCursor } } }`;
const REVOKE_MANY = `mutation ($scope: APIKeyScope, $ownerId: ID, $serviceAccountId: ID) {
  revokeAPIKeys(scope: $scope, ownerId: $ownerId, serviceAccountId: $serviceAccountId) { count } }`;

interface Page {
  readonly nodes: readonly { readonly name: string; readonly status: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

onEachStore(
  'those who govern read all keys of their organization, others their own',
  async (t, store) => {
    const identity = await startIdentity(t, store);
    const { caller: owner } = await identity.signUp();
    const person = (await identity.signUp()).caller;
    const member = await join(identity, person, owner.organization, 'member');
    const { caller: stranger } = await identity.signUp();
    await identity.createKey(owner, { name: 'owner’s' });
    const theirs = await identity.createKey(member, { name: 'member’s' });
    const elsewhere = await identity.createKey(person, { name: 'of another organization' });
    await identity.createKey(stranger, { name: 'stranger’s' });
    const names = async (who: Caller, scope?: string) => {
      const page = only<Page>(await identity.ask(who, LIST, { scope }));
      return page.nodes.map(({ name }) => name).sort();
    };
    t.strictSame(await names(owner, 'ORGANIZATION'), ['member’s', 'owner’s']);
    t.strictSame(await names(owner), ['owner’s']);
    t.strictSame(await names(member), ['member’s']);
    t.strictSame(await names(person), ['of another organization']);
    const one = 'query ($id: ID!) { apiKey(id: $id) { name } }';
    t.match((await identity.ask(owner, one, { id: theirs.id })).data, {
      apiKey: { name: 'member’s' },
    });
    t.equal(codeOf(await identity.ask(owner, one, { id: elsewhere.id })), 'NOT_FOUND');
    t.equal(codeOf(await identity.ask(stranger, one, { id: theirs.id })), 'NOT_FOUND');
    const reader = await identity.createKey(owner, { name: 'reader' });
    t.equal(codeOf(await identity.ask(reader.caller, one, { id: theirs.id })), 'NOT_FOUND');
    for (const who of [member, reader.caller, withScopes(owner, 'read:all')]) {
      t.equal(codeOf(await identity.ask(who, LIST, { scope: 'ORGANIZATION' })), 'FORBIDDEN');
    }
    t.equal(codeOf(await identity.ask(anonymousCaller, LIST)), 'UNAUTHENTICATED');
  },
);

onEachStore('a list is filtered by what keys are', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const serviceAccountId = await makeAccount(identity, caller);
  const hour = 3_600_000;
  const start = identity.clock.now();
  await identity.createKey(caller, { name: 'short', expiresIn: '1h' });
  await identity.createKey(caller, {
    name: 'Full_100%',
    permissions: ['READ', 'WRITE'],
    expiresIn: '1d',
  });
  await identity.createKey(caller, { name: 'agent', serviceAccountId });
  const revoked = await identity.createKey(caller, { name: 'gone', permissions: ['ADMIN'] });
  await identity.ask(caller, REVOKE, { id: revoked.id });
  identity.clock.advance(hour);
  const names = async (filter: object, scope = 'ORGANIZATION') =>
    only<Page>(await identity.ask(caller, LIST, { filter, scope }))
      .nodes.map(({ name }) => name)
      .sort();
  const at = (offset: number) => new Date(start + offset).toISOString();
  const cases: [object, string[]][] = [
    [{ status: 'ACTIVE' }, ['Full_100%', 'agent']],
    [{ status: 'EXPIRED' }, ['short']],
    [{ status: 'REVOKED' }, ['gone']],
    [{ type: 'FULL_ACCESS' }, ['Full_100%']],
    [{ type: 'READ_ONLY' }, ['agent', 'short']],
    [{ type: 'SCOPED' }, ['gone']],
    [{ serviceAccountId }, ['agent']],
    [{ ownerId: caller.subject, status: 'ACTIVE' }, ['Full_100%']],
    [{ ownerId: 'somebody' }, []],
    [{ expiresBefore: at(2 * hour) }, ['short']],
    [{ expiresAfter: at(2 * hour) }, ['Full_100%']],
    [{ search: 'FULL' }, ['Full_100%']],
    [{ search: '_100%' }, ['Full_100%']],
    [{ search: '%' }, ['Full_100%']],
    [{ search: "' or 1=1 --" }, []],
    [{ search: 'cst_test_' }, ['Full_100%', 'agent', 'gone', 'short']],
  ];
  for (const [filter, expected] of cases) {
    t.strictSame(await names(filter), [...expected].sort(), JSON.stringify(filter));
  }
  t.equal(
    codeOf(await identity.ask(caller, LIST, { filter: { search: 'x'.repeat(101) } })),
    'BAD_USER_INPUT',
  );
  const first = only<Page>(
    await identity.ask(caller, LIST, {
      filter: { status: 'ACTIVE' },
      scope: 'ORGANIZATION',
      first: 1,
    }),
  );
  t.ok(first.pageInfo.hasNextPage);
  const rest = only<Page>(
    await identity.ask(caller, LIST, {
      filter: { status: 'ACTIVE' },
      scope: 'ORGANIZATION',
      first: 1,
      after: first.pageInfo.endCursor,
    }),
  );
  t.notOk(rest.pageInfo.hasNextPage);
  t.strictSame(
    new Set([...first.nodes, ...rest.nodes].map(({ name }) => name)),
    new Set(['Full_100%', 'agent']),
  );
});

onEachStore('many keys end at once, and are counted', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller: owner } = await identity.signUp();
  const person = (await identity.signUp()).caller;
  const member = await join(identity, person, owner.organization, 'member');
  const { caller: stranger } = await identity.signUp();
  const serviceAccountId = await makeAccount(identity, owner);
  const agent = await identity.createKey(owner, { serviceAccountId });
  const maker = await identity.createKey(owner, { permissions: ['READ', 'ADMIN'] });
  const made = await identity.createKey(maker.caller, { serviceAccountId });
  const mine = [await identity.createKey(member), await identity.createKey(member)];
  const elsewhere = await identity.createKey(person);
  const many = (who: Caller, which: Record<string, unknown>) =>
    identity.ask(who, REVOKE_MANY, which);

  t.equal(codeOf(await many(member, { scope: 'ORGANIZATION' })), 'FORBIDDEN');
  for (const which of [{ ownerId: owner.subject }, { serviceAccountId }, { ownerId: 'nobody' }]) {
    t.equal(codeOf(await many(member, which)), 'NOT_FOUND');
    t.equal(codeOf(await many(stranger, which)), 'NOT_FOUND');
  }
  t.equal(codeOf(await many(owner, { ownerId: stranger.subject })), 'NOT_FOUND');
  t.equal(codeOf(await many(owner, { ownerId: 'a', serviceAccountId })), 'BAD_USER_INPUT');
  t.equal(codeOf(await many(withScopes(owner, 'read:all'), {})), 'FORBIDDEN');
  t.equal(codeOf(await many(anonymousCaller, {})), 'UNAUTHENTICATED');

  t.match((await many(member, {})).data, { revokeAPIKeys: { count: 2 } });
  for (const { key } of mine) t.equal(await callerOf(identity, key), null);
  t.ok(await callerOf(identity, elsewhere.key), 'not those of another organization');
  t.match((await many(owner, {})).data, { revokeAPIKeys: { count: 2 } }, 'with what it made');
  t.equal(await callerOf(identity, made.key), null);
  t.ok(await callerOf(identity, agent.key));
  t.match((await many(owner, { serviceAccountId })).data, { revokeAPIKeys: { count: 1 } });
  await identity.createKey(member);
  await identity.createKey(owner);
  t.match((await many(owner, { ownerId: member.subject })).data, { revokeAPIKeys: { count: 1 } });
  t.match((await many(owner, { scope: 'ORGANIZATION' })).data, { revokeAPIKeys: { count: 1 } });
  t.ok(await callerOf(identity, elsewhere.key));
});

onEachStore('no key escapes whoever governs, while it is being made', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller: owner } = await identity.signUp();
  const member = await join(
    identity,
    (await identity.signUp()).caller,
    owner.organization,
    'member',
  );
  const maker = await identity.createKey(member, { permissions: ['READ', 'ADMIN'] });
  const answers = await Promise.all([
    ...Array.from({ length: 8 }, () =>
      identity.ask(maker.caller, 'mutation { createAPIKey(input: { name: "a" }) { id } }'),
    ),
    identity.ask(owner, REVOKE, { id: maker.id }),
  ]);
  t.equal(answers.at(-1)?.errors, undefined);
  const left = await identity.tables
    .selectFrom('api_key')
    .select('id')
    .where('revoked_at', 'is', null)
    .execute();
  t.strictSame(left, []);
});
