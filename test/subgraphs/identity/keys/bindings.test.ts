import { decide } from '#contract/permissions/decide.ts';
import { personalIds } from '#subgraphs/identity/organizations/personal-organization.ts';
import { defineIdentity } from '#subgraphs/identity/settings.ts';
import { codeOf } from '../../support/ask-subgraph.ts';
import { startCompany } from '../../support/company.ts';
import { manyKeys, startIdentity } from '../../support/running-identity.ts';
import { onEachStore } from '../../support/stores.ts';
import { CREATE, CREATE_ACCOUNT, callerOf, join, makeAccount, only, REVOKE } from './support.ts';

const anybody = defineIdentity({ signUp: { policy: 'open', verifyEmail: false } });

onEachStore('a key bound to one environment calls in its name', async (t, store) => {
  const identity = await startIdentity(t, store, { production: true, settings: anybody });
  const { caller } = await identity.signUp();
  const { project, environment } = personalIds(caller.subject ?? '');
  const bound = await identity.createKey(caller, { environments: [environment, environment] });
  t.match(bound.caller, { project, environment });
  t.match(bound.key, /^cst_live_/, 'master is for production');
  const inProject = await identity.createKey(caller, { projectIds: [project] });
  t.match(inProject.caller, { project, environment: null });
  const staging = `environment_staging_${caller.subject}`;
  await identity.tables
    .insertInto('environment')
    .values({ id: staging, project_id: project, name: 'staging', created_at: 1 })
    .execute();
  t.match((await identity.createKey(caller, { environments: [staging] })).key, /^cst_test_/);
});

onEachStore('a key bound to several projects may do nothing outside of them', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const { project, environment } = personalIds(caller.subject ?? '');
  const made = async (name: string) =>
    only<{ id: string; environments: { id: string }[] }>(
      await identity.ask(
        caller,
        'mutation ($name: String!) { createProject(input: { name: $name }) { id environments { id } } }',
        { name },
      ),
    );
  const second = await made('second');
  const third = await made('third');
  const { caller: bound, key } = await identity.createKey(caller, {
    permissions: ['READ', 'WRITE', 'ADMIN'],
    projectIds: [project, second.id],
  });
  t.match(bound, { project: null, environment: null });
  const target = { subgraph: 'content', type: 'Post' };
  const mayIn = (id: string | null) =>
    decide(bound.permissions, { action: 'READ', target, environment: id }).outcome === 'allow';
  t.ok(mayIn(environment));
  t.ok(mayIn(second.environments[0]?.id ?? null));
  t.notOk(mayIn(third.environments[0]?.id ?? null));
  t.notOk(mayIn(null));
  const remove = 'mutation ($id: ID!) { deleteProject(id: $id) }';
  t.equal(codeOf(await identity.ask(bound, remove, { id: third.id })), 'FORBIDDEN');
  await identity.ask(caller, remove, { id: second.id });
  t.match(
    await callerOf(identity, key),
    { project, environment: null },
    'as one of that project alone',
  );
});

onEachStore(
  'a key that is bound to a part of an organization does not govern it',
  async (t, store) => {
    const identity = await startIdentity(t, store);
    const { caller } = await identity.signUp();
    const { caller: person } = await identity.signUp();
    const member = await join(identity, person, caller.organization, 'member');
    const theirs = await identity.createKey(member);
    const account = await makeAccount(identity, caller);
    const { project } = personalIds(caller.subject ?? '');
    const bound = await identity.createKey(caller, {
      permissions: ['READ', 'WRITE', 'ADMIN'],
      projectIds: [project],
    });
    const log = '{ auditLog(organizationId: $id) { nodes { id } } }';
    for (const [query, variables, code] of [
      [CREATE_ACCOUNT, { input: { name: 'another' } }, 'FORBIDDEN'],
      [
        'mutation ($id: ID!) { suspendServiceAccount(id: $id) { id } }',
        { id: account },
        'FORBIDDEN',
      ],
      [
        'mutation { updateKeyPolicy(input: { allowNever: false }) { allowNever } }',
        {},
        'FORBIDDEN',
      ],
      ['mutation { revokeAPIKeys(scope: ORGANIZATION) { count } }', {}, 'FORBIDDEN'],
      [CREATE, { input: { name: 'a', serviceAccountId: account } }, 'FORBIDDEN'],
      [REVOKE, { id: theirs.id }, 'NOT_FOUND'],
      ['query ($id: ID!) { apiKey(id: $id) { id } }', { id: theirs.id }, 'NOT_FOUND'],
      ['{ apiKeys(scope: ORGANIZATION) { nodes { id } } }', {}, 'FORBIDDEN'],
      [`query ($id: ID) ${log}`, { id: caller.organization }, 'FORBIDDEN'],
    ] as const) {
      t.equal(codeOf(await identity.ask(bound.caller, query, variables)), code, query);
    }
    t.ok(await callerOf(identity, theirs.key));
    t.equal(
      codeOf(await identity.ask(bound.caller, REVOKE, { id: bound.id })),
      undefined,
      'itself',
    );
  },
);

onEachStore('places of another organization are not there', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const { caller: other } = await identity.signUp();
  const theirs = personalIds(other.subject ?? '');
  const mine = personalIds(caller.subject ?? '');
  const cases: [string, object][] = [
    ['projectIds', { projectIds: [theirs.project] }],
    ['projectIds', { projectIds: ['unknown'] }],
    ['projectIds', { projectIds: [] }],
    ['projectIds', { projectIds: Array.from({ length: 51 }, (_, n) => `p${n}`) }],
    ['environments', { environments: [theirs.environment] }],
    ['environments', { environments: [mine.environment, 'unknown'] }],
    ['environments', { environments: [] }],
  ];
  for (const [argument, input] of cases) {
    const answer = await identity.ask(caller, CREATE, { input: { name: 'a', ...input } });
    t.equal(codeOf(answer), 'BAD_USER_INPUT', JSON.stringify(input).slice(0, 60));
    t.equal(answer.errors?.[0]?.extensions?.argument, argument);
  }
});

onEachStore('networks are kept in one form, and told to the gateway', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const ipRanges = [
    '203.0.113.77/24',
    '203.0.113.0/24',
    '2001:0DB8::1/32',
    '::ffff:192.0.2.1',
    '198.51.100.1',
  ];
  const made = await identity.createKey(caller, { ipRanges });
  t.strictSame(made.caller.addresses, [
    '192.0.2.1/32',
    '198.51.100.1/32',
    '2001:db8::/32',
    '203.0.113.0/24',
  ]);
  const free = await identity.createKey(caller);
  t.equal(free.caller.addresses, undefined);
  for (const range of [
    '',
    '10.0.0.0/33',
    '10.0.0/8',
    '10.0.0.0/08',
    'fe80::1%eth0/64',
    '::/0',
    '::/64',
    '2001:db8::/129',
    '10.0.0.0/8/8',
    'example.com',
    '010.0.0.1',
    'x'.repeat(10_000),
  ]) {
    const answer = await identity.ask(caller, CREATE, { input: { name: 'a', ipRanges: [range] } });
    t.equal(codeOf(answer), 'BAD_USER_INPUT', range.slice(0, 20));
    t.equal(answer.errors?.[0]?.extensions?.argument, 'ipRanges');
  }
  const many = Array.from({ length: 51 }, (_, n) => `10.0.0.${n}`);
  for (const list of [[], many]) {
    const answer = await identity.ask(caller, CREATE, { input: { name: 'a', ipRanges: list } });
    t.equal(codeOf(answer), 'BAD_USER_INPUT');
  }
});

onEachStore('what a bound key makes is bound as well', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const { project } = personalIds(caller.subject ?? '');
  const maker = await identity.createKey(caller, {
    permissions: ['READ', 'ADMIN'],
    ipRanges: ['10.0.0.0/8'],
    projectIds: [project],
  });
  t.match((await identity.createKey(maker.caller)).caller, { project, addresses: ['10.0.0.0/8'] });
  const inside = await identity.createKey(maker.caller, { ipRanges: ['10.9.0.0/16'] });
  t.strictSame(inside.caller.addresses, ['10.9.0.0/16']);
  for (const input of [{ ipRanges: null }, { ipRanges: ['0.0.0.0/0'] }, { projectIds: null }]) {
    const answer = await identity.ask(maker.caller, CREATE, { input: { name: 'a', ...input } });
    t.equal(codeOf(answer), 'FORBIDDEN', JSON.stringify(input));
  }
});

onEachStore('scopes of one’s own are carried by name and grant nothing', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const input = {
    name: 'a',
    scopes: ['app:access', 'reports:read:daily', 'read:all', 'app:access'],
  };
  const made = only<{ id: string; apiKey: Record<string, unknown> }>(
    await identity.ask(caller, CREATE, { input }),
  );
  t.strictSame(made.apiKey.scopes, ['read:all', 'app:access', 'reports:read:daily']);
  t.equal(made.apiKey.type, 'READ_ONLY');
  const alone = await identity.createKey(caller, { scopes: ['app:access'] });
  t.match(alone.caller.permissions, { scopes: ['app:access'], grants: [] });
  const bad = [
    [],
    [''],
    ['Read:all'],
    ['a b'],
    ['a:'],
    [':a'],
    ['ä'],
    ['а:access'],
    ['a'.repeat(65)],
    ['__proto__'],
    Array.from({ length: 33 }, (_, n) => `s${n}`),
  ];
  for (const scopes of bad) {
    const answer = await identity.ask(caller, CREATE, { input: { name: 'a', scopes } });
    t.equal(codeOf(answer), 'BAD_USER_INPUT', JSON.stringify(scopes).slice(0, 40));
    t.equal(answer.errors?.[0]?.extensions?.argument, 'scopes');
  }
});

onEachStore('a name can be told from others by looking at it', async (t, store) => {
  const identity = await startIdentity(t, store, { settings: manyKeys });
  const { caller } = await identity.signUp();
  for (const name of [
    'dep\u200bloy',
    'dep\u00adloy',
    'dеploy',
    'Αdmin',
    'a\u{e0041}',
    'a\ufeffb',
  ]) {
    const answer = await identity.ask(caller, CREATE, { input: { name } });
    t.equal(codeOf(answer), 'BAD_USER_INPUT', JSON.stringify(name));
  }
  for (const name of ['деплой deploy', 'Ключ', 'clé e\u0301te\u0301', 'می‌خواهم', '🤖 bot ❤️']) {
    const answer = await identity.ask(caller, CREATE, { input: { name } });
    t.equal(only<{ apiKey: { name: string } }>(answer).apiKey.name, name.normalize('NFC'));
  }
});

onEachStore('a key stops with the last place that it is bound to', async (t, store) => {
  const { identity, people, projectId, get } = await startCompany(t, store);
  const owner = people.owner.caller;
  const project = (name: string) =>
    get(
      owner,
      'mutation ($input: CreateProjectInput!) { createProject(input: $input) { id environments { id } } }',
      { input: { organizationId: owner.organization, name } },
    ).then(({ createProject }) => createProject);
  const first = await project('first');
  const second = await project('second');
  const ofProject = await identity.createKey(owner, { projectIds: [first.id] });
  const ofEnvironment = await identity.createKey(owner, {
    environments: [first.environments[0].id],
  });
  const ofBoth = await identity.createKey(owner, { projectIds: [first.id, second.id] });
  const elsewhere = await identity.createKey(owner, { projectIds: [projectId] });
  const remove = (id: string) =>
    get(owner, 'mutation ($id: ID!) { deleteProject(id: $id) }', { id });
  await remove(first.id);
  t.equal(await callerOf(identity, ofProject.key), null);
  t.equal(await callerOf(identity, ofEnvironment.key), null);
  t.match(await callerOf(identity, ofBoth.key), { project: second.id }, 'what is left of it');
  await remove(second.id);
  t.equal(await callerOf(identity, ofBoth.key), null);
  t.match(await callerOf(identity, elsewhere.key), { project: projectId });
});

onEachStore('the keys of an organization are revoked with it', async (t, store) => {
  const { identity, people, organizationId, stranger, get } = await startCompany(t, store);
  const owner = people.owner.caller;
  const { id } = await identity.createKey(people.member.caller);
  const other = await identity.createKey(stranger.caller);
  const remove = 'mutation ($id: ID!) { deleteOrganization(id: $id) }';
  await get(owner, remove, { id: organizationId });
  const rows = await identity.tables.selectFrom('api_key').select(['id', 'revoked_at']).execute();
  t.same(
    rows.filter((row) => row.revoked_at !== null).map((row) => row.id),
    [id],
  );
  t.ok(await callerOf(identity, other.key));
});

onEachStore('a key is bound to so many places at most', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { caller } = await identity.signUp();
  const many = (text: (index: number) => string) => Array.from({ length: 51 }, (_, i) => text(i));
  const tooMany = {
    projectIds: many((index) => `project_${index}`),
    environments: many((index) => `environment_${index}`),
    ipRanges: many((index) => `203.0.113.${index}`),
  };
  for (const [argument, value] of Object.entries(tooMany)) {
    for (const input of [value, []]) {
      const answer = await identity.ask(caller, CREATE, {
        input: { name: 'a', [argument]: input },
      });
      t.match(answer.errors, [{ extensions: { code: 'BAD_USER_INPUT', argument } }], argument);
    }
  }
  const { key } = await identity.createKey(caller, { ipRanges: tooMany.ipRanges.slice(1) });
  t.equal((await callerOf(identity, key))?.addresses?.length, 50);
});
