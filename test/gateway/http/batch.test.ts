import t from 'tap';
import { CodedError } from '#contract/errors.ts';
import { blog } from '#test/support/blog.ts';
import type { Answer } from '#test/support/open-gateway.ts';
import { startOpenGateway } from '#test/support/open-gateway.ts';

async function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; answer: unknown }> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, answer: await response.json() };
}

t.test('the operations of a batch are answered in their order, each by itself', async (t) => {
  const gateway = await startOpenGateway(blog, { limits: { maxDepth: 3 } });
  t.teardown(() => gateway.close());
  const { status, headers, answer } = await post(gateway.url, [
    { query: '{ hello }' },
    { query: '{ nope }' },
    { query: '{' },
    { query: 'query ($a: Int!) { add(a: $a) }', variables: { a: 40 } },
    { query: 'query ($a: Int!) { add(a: $a) }', variables: { a: 'x' } },
    { query: '{ me { posts { author { id } } } }' },
    { query: 'query A { hello } query B { me { id } }', operationName: 'B' },
    {},
    { query: null },
    { query: '{ me { broken } }' },
  ]);
  t.equal(status, 200);
  t.equal(headers.get('content-type'), 'application/json; charset=utf-8');
  const refused = (code: string) => ({ data: undefined, errors: [{ extensions: { code } }] });
  t.match(answer, [
    { data: { hello: 'hi' }, errors: undefined },
    refused('GRAPHQL_VALIDATION_FAILED'),
    refused('GRAPHQL_PARSE_FAILED'),
    { data: { add: 42 } },
    refused('BAD_USER_INPUT'),
    refused('OPERATION_TOO_LARGE'),
    { data: { me: { id: '1' } } },
    refused('BAD_REQUEST'),
    refused('BAD_REQUEST'),
    { data: { me: { broken: null } }, errors: [{ path: ['me', 'broken'] }] },
  ]);
  for (const each of answer as Answer[]) {
    t.notOk(each.data === null, 'what did not run has no data, rather than null');
  }
});

t.test('mutations run in a batch', async (t) => {
  const gateway = await startOpenGateway(blog);
  t.teardown(() => gateway.close());
  const { answer } = await post(gateway.url, [
    { query: 'mutation { a: next b: next }' },
    { query: '{ hello }' },
  ]);
  t.same(answer, [{ data: { a: 1, b: 2 } }, { data: { hello: 'hi' } }]);
});

t.test('a batch of one is answered with a list of one', async (t) => {
  const gateway = await startOpenGateway(blog);
  t.teardown(() => gateway.close());
  t.same((await post(gateway.url, [{ query: '{ hello }' }])).answer, [{ data: { hello: 'hi' } }]);
  const refused = await post(gateway.url, [{ query: '{' }], {
    accept: 'application/graphql-response+json',
  });
  t.equal(refused.status, 200, 'the status of an operation is not that of the batch');
  t.equal(refused.headers.get('content-type'), 'application/graphql-response+json; charset=utf-8');
  t.match(refused.answer, [{ errors: [{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }] }]);
  t.match((await post(gateway.url, [{}])).answer, [{ errors: [{ message: /no query/ }] }]);
});

t.test('an ill-formed batch is refused as a whole, and nothing of it runs', async (t) => {
  const gateway = await startOpenGateway(blog, { limits: { maxBatch: 2 } });
  t.teardown(() => gateway.close());
  const hello = { query: '{ hello }' };
  const table: readonly [string, unknown, number, string][] = [
    ['empty', [], 400, 'BAD_REQUEST'],
    ['one too many', [hello, hello, hello], 400, 'BATCH_TOO_LARGE'],
    ['an element that is no object', [hello, 'x'], 400, 'BAD_REQUEST'],
    ['a batch in a batch', [hello, [hello]], 400, 'BAD_REQUEST'],
    ['a query that is no text', [hello, { query: 7 }], 400, 'BAD_REQUEST'],
  ];
  for (const [name, body, status, code] of table) {
    const refused = await post(gateway.url, body);
    t.equal(refused.status, status, name);
    t.match(refused.answer, { errors: [{ extensions: { code } }] }, name);
  }
  const unacceptable = await post(gateway.url, [hello], { accept: 'text/html' });
  t.equal(unacceptable.status, 406);
  t.equal(gateway.calls.length, 0);
  t.match(
    (await post(gateway.url, [hello, hello])).answer,
    [{}, {}],
    'the bound itself is allowed',
  );
});

t.test('hooks run for each operation of a batch, with a context of its own', async (t) => {
  const gateway = await startOpenGateway(blog);
  t.teardown(() => gateway.close());
  const contexts = new Set<object>();
  const { castellan } = gateway.app;
  castellan.addHook('preExecution', (_schema, _document, context, variables) => {
    contexts.add(context);
    if (variables.stop === true) throw new CodedError('FORBIDDEN');
    if (variables.crash === true) throw new Error('the password is hunter2');
    return undefined;
  });
  castellan.addHook('onResolution', (execution) => {
    execution.extensions = { seen: true };
  });
  const query =
    'query ($stop: Boolean = false, $crash: Boolean = false) { hello @skip(if: $stop) a: hello @include(if: $crash) }';
  const { status, answer } = await post(gateway.url, [
    { query: '{ hello }' },
    { query, variables: { stop: true } },
    { query, variables: { crash: true } },
    { query: '{ me { id } }' },
  ]);
  t.equal(status, 200);
  t.equal(contexts.size, 4);
  t.match(answer, [
    { data: { hello: 'hi' }, extensions: { seen: true } },
    { errors: [{ extensions: { code: 'FORBIDDEN' } }] },
    { errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] },
    { data: { me: { id: '1' } }, extensions: { seen: true } },
  ]);
  t.notMatch(JSON.stringify(answer), 'hunter2');
});
