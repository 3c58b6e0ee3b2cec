import t, { type Test } from 'tap';
import { type OpenGateway, startOpenGateway } from '#test/support/open-gateway.ts';
import { joinParts, type Part, readParts } from '#test/support/read-parts.ts';

const byPath = 'multipart/mixed;deferSpec=20220824, application/json;q=0.5';
const byId = 'multipart/mixed;incrementalSpec=v0.2, application/json;q=0.5';

/** People, and what a second subgraph knows of them; `gates` hold its answers back until a test opens them. */
async function start(
  t: Test,
  {
    gate = Promise.resolve(),
    limits = {},
  }: { gate?: Promise<void>; limits?: { maxDeferredPayloads?: number } } = {},
) {
  const fixtures = {
    people: {
      typeDefs: `
        type Query { me: Person people: [Person] nobody: Person strict: Box! }
        type Mutation { rename(name: String!): Person both: Person }
        type Person @key(fields: "id") { id: ID! name: String! }
        type Box { person: Person! broken: Int! }`,
      resolvers: {
        Query: {
          me: () => ({ id: '1', name: 'Ada' }),
          people: () => [{ id: '1', name: 'Ada' }, null, { id: '2', name: 'Bob' }],
          nobody: () => null,
          strict: () => ({ person: { id: '1', name: 'Ada' }, broken: null }),
        },
        Person: {
          __resolveReference: ({ id }: { id: string }) => ({
            id,
            name: id === '1' ? 'Ada' : 'Bob',
          }),
        },
        Mutation: {
          rename: (_: unknown, { name }: { name: string }) => ({ id: '1', name }),
          both: () => ({ id: '2', name: 'Bob' }),
        },
      },
    },
    facts: {
      typeDefs: `
        type Person @key(fields: "id") { id: ID! age: Int secret: String! friends: [Person!]! }
        type Query { weather: String }`,
      resolvers: {
        Query: { weather: () => gate.then(() => 'fair') },
        Person: {
          __resolveReference: ({ id }: { id: string }) => gate.then(() => ({ id })),
          age: ({ id }: { id: string }) => Number(id) * 10,
          secret: ({ id }: { id: string }) => {
            if (id === '2') throw new Error('not for you');
            return 'likes keys';
          },
          friends: ({ id }: { id: string }) => [{ id: id === '1' ? '2' : '1' }],
        },
      },
    },
  };
  const gateway = await startOpenGateway(fixtures, { limits });
  t.teardown(() => gateway.close());
  return gateway;
}

async function post(
  { url }: OpenGateway,
  query: string,
  accept: string,
  variables: object = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ query, variables }),
    ...(signal !== undefined && { signal }),
  });
}

async function partsOf(
  gateway: OpenGateway,
  query: string,
  accept = byPath,
  variables: object = {},
): Promise<Part[]> {
  const response = await post(gateway, query, accept, variables);
  return readParts(await response.text());
}

t.test('what is not deferred is there before the rest is', async (t) => {
  const gate = Promise.withResolvers<void>();
  const gateway = await start(t, { gate: gate.promise });
  const response = await post(gateway, '{ me { name ... @defer(label: "more") { age } } }', byPath);
  t.equal(response.status, 200);
  t.match(
    response.headers.get('content-type'),
    /^multipart\/mixed; boundary="-"; deferSpec=20220824/,
  );
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!/\r\n---/.test(text)) text += (await reader?.read())?.value ?? '';
  t.match(text, '{"data":{"me":{"name":"Ada"}},"hasNext":true}', 'while the other subgraph waits');
  gate.resolve();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) break;
    text += value;
  }
  t.same(readParts(text)[1], {
    incremental: [{ data: { age: 10 }, path: ['me'], label: 'more' }],
    hasNext: false,
  });
});

t.test('each object of a list has its part, those that are null have none', async (t) => {
  const gateway = await start(t);
  const [initial, ...parts] = await partsOf(
    gateway,
    '{ people { name ... @defer { age } } nobody { ... @defer { age } } }',
  );
  t.same(initial, {
    data: { people: [{ name: 'Ada' }, null, { name: 'Bob' }], nobody: null },
    hasNext: true,
  });
  t.same(
    parts.flatMap(({ incremental = [] }) => incremental),
    [
      { data: { age: 10 }, path: ['people', 0] },
      { data: { age: 20 }, path: ['people', 2] },
    ],
  );
});

t.test('parts in parts come after them, through named fragments and aliases', async (t) => {
  const gateway = await start(t);
  const query = `
    { ada: me { id: name ...Facts @defer(label: "facts") } }
    fragment Facts on Person { years: age friends { ...Name @defer(label: "name") } }
    fragment Name on Person { called: name }`;
  for (const accept of [byPath, byId]) {
    const parts = await partsOf(gateway, query, accept);
    t.same(joinParts(parts), {
      data: { ada: { id: 'Ada', years: 10, friends: [{ called: 'Bob' }] } },
      errors: [],
    });
  }
  t.match((await partsOf(gateway, query)).slice(1), [
    {
      incremental: [{ label: 'facts', path: ['ada'], data: { years: 10, friends: [{}] } }],
      hasNext: true,
    },
    {
      incremental: [{ label: 'name', path: ['ada', 'friends', 0], data: { called: 'Bob' } }],
      hasNext: false,
    },
  ]);
});

t.test('later drafts announce parts by id, and say when each is complete', async (t) => {
  const gateway = await start(t);
  const query = '{ people { name ... @defer(label: "s") { secret } } }';
  const [initial, ...parts] = await partsOf(gateway, query, byId);
  t.same(initial?.pending, [
    { id: '0', path: ['people', 0], label: 's' },
    { id: '1', path: ['people', 2], label: 's' },
  ]);
  t.match(parts, [
    {
      incremental: [{ id: '0', data: { secret: 'likes keys' } }],
      completed: [
        { id: '0' },
        { id: '1', errors: [{ message: 'not for you', path: ['people', 2, 'secret'] }] },
      ],
      hasNext: false,
    },
  ]);
});

t.test('an error of a part stays in it: its data is null, all else is as it was', async (t) => {
  const gateway = await start(t);
  const [initial, ...parts] = await partsOf(
    gateway,
    '{ people { name ... @defer { secret age } } }',
  );
  t.equal(initial?.errors, undefined);
  t.match(parts[0]?.incremental, [
    { path: ['people', 0], data: { secret: 'likes keys', age: 10 }, errors: undefined },
    {
      path: ['people', 2],
      data: null,
      errors: [
        { message: 'not for you', path: ['people', 2, 'secret'], extensions: { service: 'facts' } },
      ],
    },
  ]);
  t.equal(parts[0]?.incremental?.[1]?.errors?.length, 1, 'and it is told once');
});

t.test('a subgraph that is gone is the error of the parts that needed it', async (t) => {
  const dead = await startOpenGateway(
    {
      people: {
        typeDefs:
          'type Query { me: Person } type Person @key(fields: "id") { id: ID! name: String! }',
        resolvers: { Query: { me: () => ({ id: '1', name: 'Ada' }) } },
      },
      facts: {
        typeDefs: 'type Person @key(fields: "id") { id: ID! age: Int }',
        resolvers: {},
      },
    },
    {},
    { facts: 'http://127.0.0.1:1/graphql' },
  );
  t.teardown(() => dead.close());
  t.match(await partsOf(dead, '{ me { name ... @defer { age } } }'), [
    { data: { me: { name: 'Ada' } }, hasNext: true },
    {
      incremental: [
        {
          data: { age: null },
          path: ['me'],
          errors: [
            {
              path: ['me', 'age'],
              extensions: { code: 'SUBGRAPH_UNAVAILABLE', service: 'facts' },
            },
          ],
        },
      ],
      hasNext: false,
    },
  ]);
});

t.test('a part whose place a null took with it is not told', async (t) => {
  const gateway = await start(t);
  const [initial, ...others] = await partsOf(
    gateway,
    '{ me { name } strict { broken person { name ... @defer { age } } } }',
  );
  t.match(initial, { data: null, errors: [{ path: ['strict', 'broken'] }], hasNext: false });
  t.same(others, []);
});

t.test('nor one below a null that only the gateway has put there', async (t) => {
  const gateway = await start(t);
  const query = '{ people { name secret ... @defer { age } } }';
  const [initial, ...parts] = await partsOf(gateway, query);
  t.match(initial, {
    data: { people: [{ name: 'Ada', secret: 'likes keys' }, null, null] },
    errors: [{ path: ['people', 2, 'secret'] }],
  });
  t.same(
    parts.flatMap(({ incremental = [] }) => incremental),
    [{ data: { age: 10 }, path: ['people', 0] }],
  );
});

t.test('whoever takes one piece gets one piece', async (t) => {
  const gateway = await start(t);
  const whole = { data: { me: { name: 'Ada', age: 10 } } };
  const query = 'query ($d: Boolean! = true) { me { name ... @defer(if: $d) { age } } }';
  const cases: readonly [string, object][] = [
    ['application/json', {}],
    ['*/*', {}],
    [byPath, { d: false }],
  ];
  for (const [accept, variables] of cases) {
    const response = await post(gateway, query, accept, variables);
    t.match(response.headers.get('content-type'), /^application\/json/, accept);
    t.same(await response.json(), whole, accept);
  }
  t.equal((await partsOf(gateway, query, byPath, { d: true })).length, 2);
  t.equal((await partsOf(gateway, query)).length, 2, 'without a value it is the default');
  const batch = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: byPath },
    body: JSON.stringify([{ query }]),
  });
  t.same(await batch.json(), [whole], 'in a batch too');
});

t.test('a mutation defers below its root, and runs once', async (t) => {
  const gateway = await start(t);
  const query = 'mutation { rename(name: "Eve") { name ... @defer { age } } }';
  const parts = await partsOf(gateway, query);
  t.same(joinParts(parts), { data: { rename: { name: 'Eve', age: 10 } }, errors: [] });
  t.equal(parts.length, 2);
  t.equal(gateway.calls.filter((call) => call.query.startsWith('mutation')).length, 1);
  const two = 'mutation { rename(name: "Eve") { name ... @defer { age } } both { age } }';
  const response = await post(gateway, two, byPath);
  t.same(
    await response.json(),
    { data: { rename: { name: 'Eve', age: 10 }, both: { age: 20 } } },
    'several root fields run one after the other, so they come in one piece',
  );
});

t.test('a deferred root field, deferred introspection and a deferred __typename', async (t) => {
  const gateway = await start(t);
  const query = '{ me { ... @defer { __typename } } ... @defer { weather } }';
  for (const accept of [byPath, byId]) {
    t.same(joinParts(await partsOf(gateway, query, accept)), {
      data: { me: { __typename: 'Person' }, weather: 'fair' },
      errors: [],
    });
  }
  const response = await post(
    gateway,
    '{ __schema { ... @defer { queryType { name } } } }',
    byPath,
  );
  t.same(await response.json(), { data: { __schema: { queryType: { name: 'Query' } } } });
});

t.test('mistakes with @defer are told like all others', async (t) => {
  const gateway = await start(t);
  const mistakes: readonly (readonly [string, RegExp])[] = [
    ['{ me { ... @defer(label: "a") { age } ... @defer(label: "a") { name } } }', /more than once/],
    ['query ($l: String) { me { ... @defer(label: $l) { age } } }', /must be a string/],
    ['mutation { ... @defer { rename(name: "x") { name } } }', /root of a mutation/],
    ['{ me { name @defer } }', /may not be used on FIELD/],
  ];
  for (const [query, message] of mistakes) {
    const response = await post(gateway, query, byPath);
    t.match(await response.json(), {
      errors: [{ message, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
  }
});

t.test('a client that leaves is let go of', async (t) => {
  const gate = Promise.withResolvers<void>();
  const gateway = await start(t, { gate: gate.promise });
  const ended = Promise.withResolvers<string | null>();
  gateway.app.castellan.addHook('onOperation', ({ code }) => ended.resolve(code));
  const leaving = new AbortController();
  const response = await post(
    gateway,
    '{ me { name ... @defer { age } } }',
    byPath,
    {},
    leaving.signal,
  );
  await response.body?.getReader().read();
  leaving.abort();
  t.equal(await ended.promise, null, 'the operation is over while its subgraph still waits');
  gate.resolve();
});

const nested = `{
  people { id ... @defer(label: "facts") { age secret friends { id ... @defer(label: "names") { name } } } }
}`;

for (const accept of [byPath, byId]) {
  const format = accept.includes('incrementalSpec') ? 'later drafts' : 'the draft of 2022';
  t.test(
    `parts that lists multiply beyond the bound are told together, in ${format}`,
    async (t) => {
      const whole = await (await start(t)).ask(nested.replace(/@defer\([^)]*\)/g, ''));
      for (const maxDeferredPayloads of [4, 3, 2, 1]) {
        const gateway = await start(t, { limits: { maxDeferredPayloads } });
        const parts = await partsOf(gateway, nested, accept);
        const told = parts.flatMap((part) => part.incremental ?? []);
        t.ok(told.length <= maxDeferredPayloads, `${told.length} within ${maxDeferredPayloads}`);
        const { data, errors } = joinParts(parts);
        t.match(errors, [{ message: 'not for you' }], 'with all errors');
        t.match(data, { people: [{ friends: [{ name: 'Bob' }] }] }, 'and all data');
        if (maxDeferredPayloads === 1) {
          t.equal(parts.length, 1, 'and be it in one piece');
          t.same(data, whole.data);
        }
      }
    },
  );
}

t.test('a label that would come back with every payload is short', async (t) => {
  const gateway = await start(t);
  const query = `{ people { ... @defer(label: "${'x'.repeat(257)}") { name } } }`;
  const { errors } = await gateway.ask(query);
  t.match(errors, [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
});
