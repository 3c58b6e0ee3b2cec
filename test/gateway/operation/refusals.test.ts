import {
  buildClientSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  printSchema,
} from 'graphql';
import t from 'tap';
import { blog } from '#test/support/blog.ts';
import { startOpenGateway } from '#test/support/open-gateway.ts';

const gateway = await startOpenGateway(blog, { limits: { maxDepth: 12, maxTokens: 1_000 } });
t.teardown(() => gateway.close());

const post = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });

const refusals: readonly (readonly [string, unknown, string])[] = [
  ['a syntax error', { query: '{ me ' }, 'GRAPHQL_PARSE_FAILED'],
  ['an unknown field', { query: '{ nope }' }, 'GRAPHQL_VALIDATION_FAILED'],
  [
    'a wrong variable',
    { query: 'query ($a: Int!) { add(a: $a) }', variables: { a: 'x' } },
    'BAD_USER_INPUT',
  ],
  ['a missing variable', { query: 'query ($a: Int!) { add(a: $a) }' }, 'BAD_USER_INPUT'],
  [
    'two operations without a name',
    { query: 'query A { hello } query B { hello }' },
    'OPERATION_RESOLUTION_FAILURE',
  ],
  [
    'an operation that is not there',
    { query: 'query A { hello }', operationName: 'C' },
    'OPERATION_RESOLUTION_FAILURE',
  ],
  [
    'a document without an operation',
    { query: 'fragment F on User { id }' },
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['too many braces', { query: '{'.repeat(5000) }, 'OPERATION_TOO_LARGE'],
  ['too many tokens', { query: `{ ${'hello '.repeat(1_100)} }` }, 'OPERATION_TOO_LARGE'],
  ['too long a text', { query: `{ hello } #${'x'.repeat(100_001)}` }, 'OPERATION_TOO_LARGE'],
  [
    'depth hidden in fragments',
    {
      query: `{ me { ...A } }
        fragment A on User { posts { author { posts { author { ...B } } } } }
        fragment B on User { posts { author { posts { author { posts { author { posts { id } } } } } } } }`,
    },
    'OPERATION_TOO_LARGE',
  ],
  [
    'fragments that spread to thousands of fields',
    {
      query: `{ me { ...F0 } } ${Array.from(
        { length: 12 },
        (
          _,
          n,
        ) => `fragment F${n} on User { a${n}: posts { id ...P${n} } b${n}: posts { id ...P${n} } }
          fragment P${n} on Post { author { id ${n < 11 ? `...F${n + 1}` : ''} } }`,
      ).join(' ')}`,
    },
    'OPERATION_TOO_LARGE',
  ],
  [
    'a long chain of fragments in fragments',
    {
      query: `{ me { ...F0 } } ${Array.from(
        { length: 100 },
        (_, n) => `fragment F${n} on User { ${n < 99 ? `...F${n + 1}` : 'id'} }`,
      ).join(' ')}`,
    },
    'OPERATION_TOO_LARGE',
  ],
  [
    'a long chain of fragments that is spread from its end',
    {
      query: `{ me { ${Array.from({ length: 100 }, (_, n) => `...F${99 - n}`).join(' ')} } } ${Array.from(
        { length: 100 },
        (_, n) => `fragment F${n} on User { ${n < 99 ? `...F${n + 1}` : 'id'} }`,
      ).join(' ')}`,
    },
    'OPERATION_TOO_LARGE',
  ],
  [
    'parts that fragments multiply',
    {
      query: `{ me { ${'...A '.repeat(11)} } } fragment A on User { ${'...B '.repeat(10)} }
        fragment B on User { ... @defer { id } }`,
    },
    'OPERATION_TOO_LARGE',
  ],
  [
    'too many fields at the root',
    { query: `{ ${Array.from({ length: 51 }, (_, n) => `a${n}: hello`).join(' ')} }` },
    'OPERATION_TOO_LARGE',
  ],
  [
    'too much introspection',
    {
      query: `{ ${Array.from({ length: 21 }, (_, n) => `a${n}: __type(name: "User") { name }`).join(' ')} }`,
    },
    'OPERATION_TOO_LARGE',
  ],
  ['the alias __proto__', { query: '{ __proto__: hello }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['a subscription', { query: 'subscription { hello }' }, 'GRAPHQL_VALIDATION_FAILED'],
];

for (const [mistake, body, code] of refusals) {
  t.test(`${mistake} is refused with ${code}`, async (t) => {
    const legacy = await post(JSON.stringify(body), { accept: 'application/json' });
    t.equal(legacy.status, 200, 'application/json keeps 200 for a well-formed request');
    t.match(await legacy.json(), { errors: [{ extensions: { code } }], data: undefined });

    const modern = await post(JSON.stringify(body), {
      accept: 'application/graphql-response+json',
    });
    t.equal(modern.status, 400);
    t.match(modern.headers.get('content-type'), 'application/graphql-response+json');
  });
}

const malformed: readonly (readonly [string, RequestInit, number, string])[] = [
  ['garbage instead of JSON', { body: '{"query":' }, 400, 'BAD_REQUEST'],
  ['no query', { body: '{}' }, 400, 'BAD_REQUEST'],
  ['a query that is a number', { body: '{"query":{}}' }, 400, 'BAD_REQUEST'],
  [
    'variables that are a list',
    { body: '{"query":"{hello}","variables":[1]}' },
    400,
    'BAD_REQUEST',
  ],
  ['an empty body', { body: '' }, 400, 'BAD_REQUEST'],
  [
    'another content type',
    { body: 'x', headers: { 'content-type': 'text/xml' } },
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ],
  [
    'too large a body',
    { body: JSON.stringify({ query: 'x'.repeat(1_100_000) }) },
    413,
    'PAYLOAD_TOO_LARGE',
  ],
  [
    'an accept that cannot be met',
    {
      body: '{"query":"{hello}"}',
      headers: { accept: 'image/png', 'content-type': 'application/json' },
    },
    406,
    'NOT_ACCEPTABLE',
  ],
  ['another method', { method: 'PUT', body: '{"query":"{hello}"}' }, 405, 'METHOD_NOT_ALLOWED'],
];

for (const [mistake, init, status, code] of malformed) {
  t.test(`a request with ${mistake} is answered ${status} ${code}`, async (t) => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      ...init,
    });
    t.equal(response.status, status);
    t.match(await response.json(), { errors: [{ message: String, extensions: { code } }] });
  });
}

t.test('variables that are nested deeper than the stack are refused', async (t) => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const query = 'query ($v: Anything) { echo(value: $v) }';
  const response = await post(`{"query":${JSON.stringify(query)},"variables":{"v":${deep}}}`);
  t.match(await response.json(), { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
});

t.test('a mutation by GET is answered 405 and does not run', async (t) => {
  gateway.calls.length = 0;
  const response = await fetch(`${gateway.url}/graphql?query=mutation{next}`);
  t.equal(response.status, 405);
  t.equal(response.headers.get('allow'), 'POST');
  t.same(gateway.calls, []);
});

t.test('a mutation by HEAD does not run either', async (t) => {
  gateway.calls.length = 0;
  const response = await fetch(`${gateway.url}/graphql?query=mutation{next}`, { method: 'HEAD' });
  t.equal(response.status, 405);
  t.same(gateway.calls, []);
});

t.test('a query by GET is answered, with variables and operation name', async (t) => {
  const query = new URLSearchParams({
    query: 'query A($a: Int!) { add(a: $a) } query B { hello }',
    operationName: 'A',
    variables: '{"a":5}',
  });
  const response = await fetch(`${gateway.url}/graphql?${query}`);
  t.same(await response.json(), { data: { add: 7 } });
});

t.test('variables by GET that are not JSON are refused', async (t) => {
  const response = await fetch(`${gateway.url}/graphql?query={hello}&variables=%7Bno`);
  t.equal(response.status, 400);
  t.match(await response.json(), { errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
});

t.test('a path that is not there says so', async (t) => {
  const response = await fetch(`${gateway.url}/nope?token=secret`);
  t.equal(response.status, 404);
  const text = await response.text();
  t.match(text, 'NOT_FOUND');
  t.notMatch(text, 'secret');
});

t.test('a path that cannot be decoded is answered in our own shape', async (t) => {
  const response = await gateway.app.inject({ method: 'GET', url: '/%' });
  t.equal(response.statusCode, 400);
  t.match(response.json(), { errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
});

t.test("the introspection that tools send is within everybody's bounds", async (t) => {
  const usual = await startOpenGateway(blog);
  t.teardown(() => usual.close());
  const { data, errors } = await usual.ask(
    getIntrospectionQuery({
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    }),
  );
  t.notOk(errors);
  t.equal(printSchema(buildClientSchema(data as IntrospectionQuery)).includes('type User'), true);
});

t.test('a value nested too deep for a planner is refused by the first one', async (t) => {
  const usual = await startOpenGateway(blog);
  t.teardown(() => usual.close());
  const query = `{ echo(value: ${'['.repeat(52)}${']'.repeat(52)}) }`;
  const { errors } = await usual.ask(query);
  t.match(errors, [{ extensions: { code: 'OPERATION_TOO_LARGE' } }]);
});
