import { personalIds } from '#subgraphs/identity/organizations/personal-organization.ts';
import { codeOf } from '../../support/ask-subgraph.ts';
import { startIdentity } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';
import { CREATE, callerOf, join, only, UPDATE } from './support.ts';

const published = {
  actions: ['READ'],
  on: 'Post',
  stages: ['PUBLISHED'],
  where: { locked_not: true },
};
const READ = `query ($id: ID!) { apiKey(id: $id) {
  type scopes grants { actions on within environments stages locales where } } }`;

onEachStore('a key may do what its grants say and no more', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const made = await identity.createKey(caller, { grants: [published] });
  t.match(made.caller.permissions, { scopes: [], grants: [{ actions: ['READ'], on: 'Post' }] });
  const shown = await identity.ask(caller, READ, { id: made.id });
  t.strictSame(only(shown), {
    type: 'SCOPED',
    scopes: [],
    grants: [{ ...published, within: null, environments: null, locales: null }],
  });
  const inline = await identity.ask(
    caller,
    `mutation { createAPIKey(input: { name: "a", grants: [
      { actions: [READ], on: "Post", where: { locked_not: true, title_in: ["a", null], n_gt: 1.5 } }
    ] }) { id apiKey { grants { where } } } }`,
  );
  t.equal(inline.errors, undefined);
  t.equal(codeOf(await identity.ask(made.caller, '{ viewer { id } }')), 'FORBIDDEN');
});

onEachStore('bad grants are answered with their place, and change nothing', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const cases: [string, unknown[]][] = [
    ['grants', []],
    ['grants[0].actions', [{ actions: [], on: '*' }]],
    ['grants[1].on', [published, { actions: ['READ'], on: 'a b' }]],
    ['grants[0].stages', [{ ...published, stages: [] }]],
    ['grants', Array.from({ length: 101 }, (_, n) => ({ actions: ['READ'], on: `T${n}` }))],
  ];
  for (const [argument, grants] of cases) {
    const answer = await identity.ask(caller, CREATE, { input: { name: 'a', grants } });
    t.equal(codeOf(answer), 'BAD_USER_INPUT', JSON.stringify(grants).slice(0, 60));
    t.equal(answer.errors?.[0]?.extensions?.argument, argument);
  }
  const unknown = [{ actions: ['FLY'], on: '*' }];
  t.ok((await identity.ask(caller, CREATE, { input: { name: 'a', grants: unknown } })).errors);
  t.same(await identity.tables.selectFrom('api_key').selectAll().execute(), []);
});

onEachStore('grants are bounded by the maker, and narrowed with it', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const manage = { actions: ['MANAGE'], on: 'APIKey' };
  const posts = { actions: ['READ', 'UPDATE'], on: 'Post' };
  const maker = await identity.createKey(caller, { grants: [posts, manage] });
  for (const grants of [
    [{ actions: ['READ'], on: 'User' }],
    [{ actions: ['DELETE'], on: 'Post' }],
    [{ actions: ['MANAGE'], on: '*' }],
  ]) {
    const input = { name: 'a', grants };
    t.equal(codeOf(await identity.ask(maker.caller, CREATE, { input })), 'FORBIDDEN');
    const self = { id: maker.id, input: { grants: [...grants, posts, manage] } };
    t.equal(codeOf(await identity.ask(maker.caller, UPDATE, self)), 'FORBIDDEN');
  }
  const reads = await identity.ask(maker.caller, CREATE, { input: { name: 'a' } });
  t.equal(codeOf(reads), 'FORBIDDEN', 'reading everything');
  const child = await identity.createKey(maker.caller, { grants: [posts] });
  const input = { grants: [{ ...posts, actions: ['READ'], locales: ['en'] }, manage] };
  t.equal((await identity.ask(maker.caller, UPDATE, { id: maker.id, input })).errors, undefined);
  t.match((await callerOf(identity, child.key))?.permissions.grants, [
    { actions: ['READ'], on: 'Post', locales: ['en'] },
  ]);
});

onEachStore('grants count within the role of the owner', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller: owner } = await identity.signUp();
  const person = (await identity.signUp()).caller;
  const reader = await join(identity, person, owner.organization, 'read-only');
  const input = { name: 'a', grants: [{ actions: ['UPDATE'], on: 'Post' }] };
  t.equal(codeOf(await identity.ask(reader, CREATE, { input })), 'FORBIDDEN');
  const made = await identity.createKey(reader, { grants: [published] });
  t.match(made.caller.permissions.grants, [{ actions: ['READ'], on: 'Post' }]);
});

onEachStore('a key of several environments is in none of them by itself', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const { project, environment } = personalIds(caller.subject ?? '');
  const staging = `environment_staging_${caller.subject}`;
  await identity.tables
    .insertInto('environment')
    .values({ id: staging, project_id: project, name: 'staging', created_at: 1 })
    .execute();
  const environments = [environment, staging];
  const both = await identity.createKey(caller, { environments, scopes: ['read:all', 'mine'] });
  t.match(both.caller, { project, environment: null });
  t.strictSame(both.caller.permissions.scopes, ['mine']);
  t.match(both.caller.permissions.grants, [{ on: '*', environments: [...environments].sort() }]);
});
