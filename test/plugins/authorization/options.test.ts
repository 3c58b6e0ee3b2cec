import t, { type Test } from 'tap';
import { use } from '#gateway/plugin.ts';
import { authorization } from '#plugins/authorization/index.ts';
import { startGuarded } from './support/guarded-gateway.ts';
import { callerWith } from './support/guarded-graph.ts';

const shop = {
  shop: {
    typeDefs: 'type Query { price: Int cost: Int @requiresScopes(scopes: [["costs"]]) }',
    resolvers: { Query: { price: () => 7, cost: () => 5 } },
  },
};
const read = [{ actions: ['READ'], on: '*' }];
const callers = {
  seller: callerWith(read, ['costs']),
  buyer: callerWith(read, [], { subject: 'buyer', credentialId: 'key_buyer' }),
  tester: callerWith(read, ['costs'], { environment: 'environment_test' }),
};

type Options = Parameters<typeof startGuarded>[3];

async function start(t: Test, options: Options) {
  const gateway = await startGuarded(t, shop, callers, options);
  return {
    ...gateway,
    async run(caller: string, query: string, path?: string) {
      const answer = await gateway.ask(caller, { query }, {}, path);
      const body = (await answer.json()) as { data?: unknown; errors?: unknown };
      return { status: answer.status, ...body };
    },
  };
}

t.test('a dry run answers everything and says what would be denied, and to whom', async (t) => {
  const gateway = await start(t, { dryRun: true, mode: 'reject' });
  const answer = await gateway.run('buyer', '{ price cost }');
  t.same(answer, { status: 200, data: { price: 7, cost: 5 } });
  const line = gateway
    .logs()
    .split('\n')
    .find((each) => each.includes('would be denied'));
  t.match(JSON.parse(line ?? '{}'), {
    caller: { kind: 'key', credentialId: 'key_buyer' },
    denied: [{ coordinate: 'Query.cost', missing: 'scope "costs"' }],
  });
  t.same((await gateway.run('nobody', '{ cost }')).data, { cost: 5 }, 'anonymous callers too');
  const { data } = await gateway.run('buyer', '{ __schema { queryType { fields { name } } } }');
  t.match(JSON.stringify(data), /cost/, 'introspection too');
});

t.test('a rejected operation fetches nothing', async (t) => {
  const gateway = await start(t, { mode: 'reject' });
  const answer = await gateway.run('buyer', '{ price cost }');
  t.equal(answer.status, 403);
  t.match(answer.errors, [{ path: ['cost'], extensions: { code: 'FORBIDDEN' } }]);
  t.notOk('data' in answer);
  t.same(gateway.calls, []);
});

const introspect = '{ __schema { queryType { name } } price }';

t.test('introspection can be switched off', async (t) => {
  const gateway = await start(t, { introspection: false });
  for (const caller of ['seller', 'buyer']) {
    const { data, errors } = await gateway.run(caller, introspect);
    // __schema is never null.
    t.equal(data, null);
    t.match(errors, [
      {
        path: ['__schema'],
        extensions: { code: 'FORBIDDEN', authorization: { coordinate: 'Query.__schema' } },
      },
    ]);
  }
  t.same((await gateway.run('seller', '{ price cost __typename }')).data, {
    price: 7,
    cost: 5,
    __typename: 'Query',
  });
});

t.test('introspection can be switched off, and on, for one environment', async (t) => {
  const off = await start(t, { introspectionByEnvironment: { environment_test: false } });
  t.equal((await off.run('tester', introspect)).data, null);
  t.match((await off.run('seller', introspect)).data, { price: 7 });
  const on = await start(t, {
    introspection: false,
    introspectionByEnvironment: { environment_test: true },
  });
  t.match((await on.run('tester', introspect)).data, { price: 7 });
  t.equal((await on.run('seller', introspect)).data, null);
});

t.test('options that cannot be meant stop the boot', async (t) => {
  t.throws(() => use(authorization, { mode: 'maybe' } as never), { code: 'CONFIGURATION_INVALID' });
  t.throws(() => use(authorization, { policyTimeoutMs: 0 }), { code: 'CONFIGURATION_INVALID' });
  await t.rejects(start(t, { policies: { adult: 'yes' as never } }), {
    code: 'CONFIGURATION_INVALID',
    message: 'plugin authorization: policies.adult is not a function',
  });
});

for (const mode of ['filter', 'reject', 'hide'] as const) {
  t.test(
    `an address can show everybody the whole schema, and runs no more for it (${mode})`,
    async (t) => {
      const gateway = await start(t, { mode });
      const fields = '{ __schema { queryType { fields { name } } } }';
      const shown = async (caller: string, path: string) => {
        const { data } = await gateway.run(caller, fields, path);
        const text = JSON.stringify(data ?? null);
        return ['price', 'cost'].filter((name) => text.includes(`"${name}"`));
      };
      // Each twice: what is kept for one address is not that of another.
      for (const _ of [1, 2]) {
        for (const caller of ['seller', 'buyer', 'nobody']) {
          t.strictSame(await shown(caller, '/open'), ['price', 'cost'], caller);
          t.strictSame(await shown(caller, '/off'), [], caller);
        }
        for (const path of ['/rights', '/graphql']) {
          t.strictSame(await shown('seller', path), ['price', 'cost']);
          t.strictSame(await shown('buyer', path), ['price']);
          t.strictSame(await shown('nobody', path), []);
        }
      }
      const mixed = '{ __schema { queryType { name } } price cost }';
      for (const [caller, code] of [
        ['buyer', mode === 'hide' ? 'GRAPHQL_VALIDATION_FAILED' : 'FORBIDDEN'],
        ['nobody', 'UNAUTHENTICATED'],
      ] as const) {
        const { data, errors } = await gateway.run(caller, mixed, '/open');
        t.match(errors, [{ extensions: { code } }]);
        t.notMatch(data ?? {}, { cost: 5 });
      }
      t.same((await gateway.run('seller', '{ price cost }', '/open')).data, { price: 7, cost: 5 });
      const closed = await start(t, { mode, introspection: false });
      t.notMatch(JSON.stringify(await closed.run('seller', fields, '/open')), /"cost"/);
    },
  );
}
