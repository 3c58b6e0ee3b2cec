import t from 'tap';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import type { KeyAnswer } from '#contract/identity.ts';
import { startExplained } from '../support/explained-gateway.ts';
import { callerWith } from '../support/guarded-graph.ts';
import { magazine } from './graphs/magazine.ts';

const READ = ['READ'];
const mayExplain = { actions: READ, on: 'subgraph:authorization' };
const admin = callerWith([], ['read:all', 'admin'], { kind: 'session' });

/** Asks for an explanation with everything that it holds. */
const EXPLAIN = `query ($operation: String!, $name: String, $variables: JSON, $apiKeyId: ID, $caller: ExplainedCaller) {
  explainAccess(
    operation: $operation, operationName: $name, variables: $variables, apiKeyId: $apiKeyId, caller: $caller
  ) {
    outcome code mode subgraphs
    fields {
      path coordinate outcome missing policies
      decidedBy { directive grants } conditions { stages locales where }
    }
    policies { name granted }
  }
}`;

type Gateway = Awaited<ReturnType<typeof startExplained>>;

const explain = (gateway: Gateway, asker: Caller, variables: object, headers = {}) =>
  gateway.ask(asker, { query: EXPLAIN, variables }, headers);

t.test('each field is told with what decided, and no subgraph is called', async (t) => {
  const gateway = await startExplained(t, magazine);
  const title = { actions: READ, on: 'Post.title' };
  const drafts = { actions: READ, on: 'Post.stars', stages: ['DRAFT'], where: { id: '1' } };
  const caller = callerWith([mayExplain, title, drafts]);
  const operation = '{ posts { title stars notes { text } author { name } } }';
  const { data, errors } = await explain(gateway, caller, { operation });
  t.notOk(errors);
  const decided = (grants: unknown[], directive: string | null = null) => ({ directive, grants });
  const allowed = { outcome: 'ALLOW', missing: null, conditions: [], policies: [] };
  const denied = { outcome: 'DENY', conditions: [], policies: [] };
  t.same(data, {
    explainAccess: {
      outcome: 'PARTIAL',
      code: null,
      mode: 'FILTER',
      subgraphs: ['posts', 'ratings'],
      fields: [
        { path: ['posts'], coordinate: 'Query.posts', ...allowed, decidedBy: decided([title]) },
        {
          path: ['posts', 'title'],
          coordinate: 'Post.title',
          ...allowed,
          decidedBy: decided([title]),
        },
        {
          path: ['posts', 'stars'],
          coordinate: 'Post.stars',
          outcome: 'CONDITIONAL',
          missing: null,
          decidedBy: decided([drafts]),
          conditions: [{ stages: ['DRAFT'], locales: null, where: { id: '1' } }],
          policies: [],
        },
        {
          path: ['posts', 'notes'],
          coordinate: 'Post.notes',
          ...denied,
          missing: 'scope "s1"',
          decidedBy: decided([], '@requiresScopes'),
        },
        {
          path: ['posts', 'notes', 'text'],
          coordinate: 'Note.text',
          ...denied,
          missing: 'scope "s1"',
          decidedBy: decided([], '@requiresScopes'),
        },
        {
          path: ['posts', 'author'],
          coordinate: 'Post.author',
          ...denied,
          missing: 'READ',
          decidedBy: decided([]),
        },
        {
          path: ['posts', 'author', 'name'],
          coordinate: 'Person.name',
          ...denied,
          missing: 'READ',
          decidedBy: decided([]),
        },
      ],
      policies: [],
    },
  });
  t.same(gateway.calls, []);
});

t.test('variables tell which records are asked for', async (t) => {
  const gateway = await startExplained(t, magazine);
  const published = { actions: READ, on: 'Post', stages: ['PUBLISHED'] };
  const caller = callerWith([mayExplain, published]);
  const operation = 'query ($stage: Stage!) { posts(stage: $stage) { id } }';
  const outcome = async (stage: string) => {
    const { data } = await explain(gateway, caller, { operation, variables: { stage } });
    return data?.explainAccess;
  };
  t.match(await outcome('PUBLISHED'), {
    outcome: 'ALLOWED',
    subgraphs: ['posts'],
    fields: [{ outcome: 'ALLOW' }, { outcome: 'CONDITIONAL' }],
  });
  t.match(await outcome('DRAFT'), {
    outcome: 'DENIED',
    subgraphs: [],
    fields: [{ outcome: 'DENY', missing: 'READ' }, {}],
  });
});

t.test('policies are asked about one’s own request alone', async (t) => {
  let asked = 0;
  const says = (name: string) => (_: Caller, request: { headers: object }) => {
    asked += 1;
    return (request.headers as Record<string, unknown>).says === name;
  };
  const policies = { p1: says('p1'), p2: says('p2'), p3: says('p3') };
  const gateway = await startExplained(t, magazine, { policies });
  const caller = callerWith([mayExplain, { actions: READ, on: '*' }], [], {
    credentialId: 'key_1',
  });
  gateway.identity.add('text', caller);
  const operation = '{ people { email name } }';
  const own = await explain(gateway, caller, { operation }, { says: 'p1' });
  t.match(own.data?.explainAccess, {
    outcome: 'PARTIAL',
    fields: [
      { outcome: 'ALLOW' },
      { outcome: 'DENY', missing: /^policy "p2"/, decidedBy: { directive: '@policy' } },
      { outcome: 'ALLOW' },
    ],
    policies: [
      { name: 'p1', granted: true },
      { name: 'p2', granted: false },
      { name: 'p3', granted: false },
    ],
  });
  t.equal(asked, 3);
  const byId = await explain(gateway, caller, { operation, apiKeyId: 'key_1' }, { says: 'p2' });
  t.match(byId.data?.explainAccess, { outcome: 'ALLOWED', policies: [{}, { granted: true }, {}] });

  asked = 0;
  const other = await explain(gateway, admin, { operation, apiKeyId: 'key_1' }, { says: 'p1' });
  t.match(other.data?.explainAccess, {
    outcome: 'ALLOWED',
    fields: [
      { outcome: 'ALLOW' },
      { outcome: 'CONDITIONAL', policies: ['p1', 'p2', 'p3'], missing: null },
      { outcome: 'ALLOW' },
    ],
    policies: [{ granted: null }, { granted: null }, { granted: null }],
  });
  t.equal(asked, 0, 'what a policy says of one request is nothing about another');
});

t.test('a made-up caller is explained to whoever may MANAGE', async (t) => {
  const gateway = await startExplained(t, magazine);
  const operation = '{ me { score } topPosts { title } }';
  const made = (caller: object, asker = admin) => explain(gateway, asker, { operation, caller });
  t.match((await made({ kind: 'ANONYMOUS', grants: [{ actions: READ, on: '*' }] })).data, {
    explainAccess: {
      outcome: 'PARTIAL',
      subgraphs: ['posts'],
      fields: [
        { missing: 'authentication', decidedBy: { directive: '@authenticated' } },
        {},
        {},
        {},
      ],
    },
  });
  t.match((await made({ scopes: ['read:all'] })).data?.explainAccess, { outcome: 'ALLOWED' });
  const here = { grants: [{ actions: READ, on: '*', environments: ['env_1'] }] };
  t.match((await made({ ...here, environment: 'env_1' })).data?.explainAccess, {
    outcome: 'ALLOWED',
  });
  t.match((await made({ ...here, environment: 'env_2' })).data?.explainAccess, {
    outcome: 'DENIED',
    code: 'FORBIDDEN',
    subgraphs: [],
  });
  t.match((await made({ kind: 'ANONYMOUS' })).data?.explainAccess, { code: 'UNAUTHENTICATED' });

  const reader = callerWith([], ['read:all']);
  t.match((await made({}, reader)).errors, [{ extensions: { code: 'FORBIDDEN' } }]);
  const manager = callerWith([mayExplain, { actions: ['MANAGE'], on: 'Query.explainAccess' }]);
  t.notOk((await made({}, manager)).errors, 'a grant on the field itself will do');
  const elsewhere = callerWith([mayExplain, { actions: ['MANAGE'], on: 'APIKey' }]);
  t.match((await made({}, elsewhere)).errors, [{ extensions: { code: 'FORBIDDEN' } }]);
  for (const grants of [[{ on: 'Post' }], ['x'], [{ actions: READ, on: 'Post', wehre: {} }]]) {
    t.match((await made({ grants })).errors, [{ extensions: { code: 'BAD_USER_INPUT' } }]);
  }
  t.same(gateway.calls, []);
});

t.test('whose key it is decides who may have it explained', async (t) => {
  const gateway = await startExplained(t, magazine);
  const caller = callerWith([mayExplain]);
  const answers: Record<string, KeyAnswer> = {
    key_own: { kind: 'works', caller: callerWith([], ['read:all'], { credentialId: 'key_own' }) },
    key_ended: { kind: 'ended', status: 'EXPIRED' },
    key_foreign: { kind: 'unknown' },
  };
  const asked: unknown[] = [];
  gateway.identity.callerOfKey = async (id: string, asker?: Caller) => {
    asked.push([id, asker?.subject]);
    return answers[id] ?? { kind: 'unknown' };
  };
  const ask = (apiKeyId: string) =>
    explain(gateway, caller, { operation: '{ people { name } }', apiKeyId });
  t.match((await ask('key_own')).data?.explainAccess, {
    outcome: 'ALLOWED',
    subgraphs: ['people'],
  });
  const foreign = await ask('key_foreign');
  t.match(foreign.errors, [{ message: 'Not found', extensions: { code: 'NOT_FOUND' } }]);
  t.same((await ask('key_nothing')).errors, foreign.errors);
  t.match((await ask('key_ended')).errors, [
    { message: /EXPIRED/, extensions: { code: 'NOT_FOUND', status: 'EXPIRED' } },
  ]);
  t.same(asked[0], ['key_own', 'user_1'], 'it is asked in their name');
  const both = { operation: '{ people { name } }', apiKeyId: 'x', caller: {} };
  t.match((await explain(gateway, admin, both)).errors, [
    { extensions: { code: 'BAD_USER_INPUT' } },
  ]);
  gateway.identity.callerOfKey = async () => {
    throw Object.assign(new Error('down'), {});
  };
  t.match((await ask('key_own')).errors, [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
});

t.test('nobody in particular is asked to sign in', async (t) => {
  const gateway = await startExplained(t, magazine);
  const anyone = { ...anonymousCaller, permissions: admin.permissions };
  t.match((await explain(gateway, anyone, { operation: '{ posts { id } }' })).errors, [
    { extensions: { code: 'UNAUTHENTICATED' } },
  ]);
  const without = callerWith([{ actions: READ, on: 'Post' }]);
  t.match((await explain(gateway, without, { operation: '{ posts { id } }' })).errors, [
    { path: ['explainAccess'], extensions: { code: 'FORBIDDEN' } },
  ]);
});

t.test('an operation that cannot be asked is refused as if it were asked', async (t) => {
  const gateway = await startExplained(t, magazine);
  const caller = callerWith([mayExplain, { actions: READ, on: 'Post' }]);
  const table: readonly (readonly [object, string, RegExp])[] = [
    [{ operation: '{ posts {' }, 'GRAPHQL_PARSE_FAILED', /Syntax Error/],
    [{ operation: '{ posts { ttile } }' }, 'GRAPHQL_VALIDATION_FAILED', /"ttile" on type "Post"\./],
    [
      { operation: 'query A { a: __typename } query B { b: __typename }' },
      'OPERATION_RESOLUTION_FAILURE',
      /./,
    ],
    [{ operation: '{ posts { id } }', name: 'Nope' }, 'OPERATION_RESOLUTION_FAILURE', /Nope/],
    [{ operation: 'query ($s: Stage!) { posts(stage: $s) { id } }' }, 'BAD_USER_INPUT', /\$s/],
    [{ operation: '{ posts { id } }', variables: [1] }, 'BAD_USER_INPUT', /object/],
    [
      { operation: `{ ${Array.from({ length: 60 }, (_, i) => `a${i}: __typename`).join(' ')} }` },
      'OPERATION_TOO_LARGE',
      /maxRootFields/,
    ],
    [
      { operation: `{ ${'posts { author { '.repeat(11)} id ${'} } '.repeat(11)} }` },
      'OPERATION_TOO_LARGE',
      /./,
    ],
    [{ operation: 'mutation { x }' }, 'GRAPHQL_VALIDATION_FAILED', /./],
  ];
  for (const [variables, code, message] of table) {
    const { data, errors } = await explain(gateway, caller, variables);
    t.same(data, { explainAccess: null });
    t.match(errors, [{ message, extensions: { code, service: 'authorization' } }], code);
  }
  t.same(gateway.calls, []);
});

t.test('one operation has ten others explained at most', async (t) => {
  const gateway = await startExplained(t, magazine);
  const fields = Array.from(
    { length: 12 },
    (_, index) => `a${index}: explainAccess(operation: "{ posts { id } }") { outcome }`,
  );
  const { data, errors = [] } = await gateway.ask(admin, { query: `{ ${fields.join(' ')} }` });
  t.equal(Object.values(data ?? {}).filter((each) => each !== null).length, 10);
  t.match(errors, [{ extensions: { code: 'OPERATION_TOO_EXPENSIVE' } }, {}]);
});

t.test('where fields are hidden, an explanation tells nobody that they are there', async (t) => {
  const gateway = await startExplained(t, magazine, { mode: 'hide' });
  const narrow = callerWith([mayExplain, { actions: READ, on: 'Post.title' }]);
  gateway.identity.add('text', { ...callerWith([], ['read:all']), credentialId: 'key_wide' });
  for (const about of [{}, { apiKeyId: 'key_wide' }]) {
    const { errors } = await explain(gateway, narrow, {
      operation: '{ posts { stars } }',
      ...about,
    });
    t.match(errors, [{ message: 'Cannot query field "stars" on type "Post".' }]);
    const unknown = await explain(gateway, narrow, { operation: '{ posts { sters } }', ...about });
    t.match(unknown.errors, [{ message: 'Cannot query field "sters" on type "Post".' }]);
    const asked = await gateway.ask(narrow, { query: '{ posts { stars } }' });
    t.equal(asked.errors?.[0]?.message, errors?.[0]?.message, 'as if they had asked it');
  }
  gateway.identity.add('narrow', { ...narrow, credentialId: 'key_narrow' });
  const wide = await explain(gateway, admin, {
    operation: '{ posts { title stars } }',
    apiKeyId: 'key_narrow',
  });
  t.match(wide.data?.explainAccess, {
    outcome: 'DENIED',
    code: 'GRAPHQL_VALIDATION_FAILED',
    mode: 'HIDE',
    subgraphs: [],
    fields: [{ outcome: 'ALLOW' }, { outcome: 'ALLOW' }, { outcome: 'DENY', missing: 'READ' }],
  });
});

t.test('the mode says what becomes of what is denied', async (t) => {
  const caller = callerWith([mayExplain, { actions: READ, on: 'Post.title' }]);
  const operation = '{ posts { title stars } }';
  const rejecting = await startExplained(t, magazine, { mode: 'reject' });
  t.match((await explain(rejecting, caller, { operation })).data?.explainAccess, {
    outcome: 'DENIED',
    code: 'FORBIDDEN',
    mode: 'REJECT',
    subgraphs: [],
  });
  const dry = await startExplained(t, magazine, { dryRun: true });
  t.match((await explain(dry, caller, { operation })).data?.explainAccess, {
    outcome: 'ALLOWED',
    mode: 'DRY_RUN',
    subgraphs: ['posts', 'ratings'],
    fields: [{ outcome: 'ALLOW' }, { outcome: 'ALLOW' }, { outcome: 'DENY' }],
  });
});

t.test('introspection, __typename and operations of no field are told as they are', async (t) => {
  const gateway = await startExplained(t, magazine, { introspection: false });
  const about = async (operation: string) =>
    (await explain(gateway, admin, { operation })).data?.explainAccess;
  t.match(await about('{ __typename }'), { outcome: 'ALLOWED', fields: [], subgraphs: [] });
  t.match(await about('{ __schema { types { name } } posts { id } }'), {
    outcome: 'PARTIAL',
    subgraphs: ['posts'],
    fields: [
      { coordinate: 'Query.__schema', outcome: 'DENY', missing: /switched off/, decidedBy: null },
      {},
      {},
    ],
  });
  t.match(await about('query ($no: Boolean = false) { posts @include(if: $no) { id } }'), {
    fields: [],
    subgraphs: [],
  });
});
