import path from 'node:path';
import t from 'tap';
import { ask, bearer } from '#test/support/client.ts';
import { startWhole } from '#test/support/running-castellan.ts';

const { url, facts } = await startWhole(t, {
  url: undefined,
  file: path.join(t.testdir(), 'castellan.db'),
});
const key = facts.get('API key') ?? '';
const viewer = '{ viewer { id email } }';
const refused = {
  errors: [
    {
      message: 'You must be authenticated to perform this action',
      extensions: { code: 'UNAUTHENTICATED' },
    },
  ],
};

t.test('the ready curl line of the first run is a request that works', async (t) => {
  const line = facts.get('Try') ?? '';
  const body = /-d '(.*)'$/.exec(line)?.[1] ?? '';
  t.ok(line.startsWith(`curl ${url}/graphql -H 'Authorization: Bearer ${key}'`));
  const answer = await ask(url, (JSON.parse(body) as { query: string }).query, bearer(key));
  t.match(answer.data, {
    viewer: { email: 'owner@castellan.localhost', posts: [{ title: String }] },
  });
});

const badHeaders: Readonly<Record<string, string>> = {
  'half a token': `Bearer ${key.slice(0, 30)}`,
  'a token with one letter changed': `Bearer ${key.slice(0, -8)}${key.at(-8) === 'a' ? 'b' : 'a'}${key.slice(-7)}`,
  'a token that nobody was given':
    'Bearer cst_test_0000000000000000000000000000000000000000000000000',
  'two spaces': `Bearer  ${key}`,
  'a space inside': `Bearer ${key.slice(0, 20)} ${key.slice(20)}`,
  'no token': 'Bearer',
  'another scheme': `Basic ${Buffer.from('a:b').toString('base64')}`,
  'no scheme': key,
  'quotes around it': `Bearer "${key}"`,
  'a megabyte less one kilobyte': `Bearer ${'x'.repeat(12_000)}`,
};

for (const [mistake, authorization] of Object.entries(badHeaders)) {
  t.test(`an Authorization header with ${mistake} is UNAUTHENTICATED`, async (t) => {
    const answer = await ask(url, viewer, { headers: { authorization } });
    t.equal(answer.status, 401);
    t.same(JSON.parse(answer.text), refused);
  });
}

t.test('no token at all: whoever may see nothing is UNAUTHENTICATED', async (t) => {
  for (const field of ['viewer', 'me']) {
    const answer = await ask(url, `{ __typename ${field} { id } }`);
    t.equal(answer.status, 401);
    t.same(JSON.parse(answer.text), refused);
  }
  t.same((await ask(url, '{ __typename }')).data, { __typename: 'Query' });
});

t.test('both schemes of the vendors are understood, whatever their case', async (t) => {
  for (const scheme of ['Bearer', 'Token', 'bearer', 'TOKEN']) {
    const answer = await ask(url, viewer, { headers: { authorization: `${scheme} ${key}` } });
    t.match(answer.data, { viewer: { email: 'owner@castellan.localhost' } });
  }
});

t.test('a bad header is not forgiven for a good cookie', async (t) => {
  const [email, password] = (facts.get('Owner') ?? '').split('  ');
  const signIn = await fetch(`${url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  const cookie = signIn.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
  t.equal((await ask(url, viewer, { headers: { cookie } })).status, 200);
  const both = await ask(url, viewer, { headers: { cookie, authorization: 'Bearer nonsense' } });
  t.equal(both.status, 401);
  const crossSite = await ask(url, viewer, { headers: { cookie, origin: 'https://evil.example' } });
  t.equal(crossSite.status, 403);
  t.match(crossSite.errors, [{ extensions: { code: 'CSRF_REJECTED' } }]);
});

t.test('a client cannot bring claims of its own', async (t) => {
  const answer = await ask(url, viewer, {
    headers: {
      'castellan-claims': 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyXzEifQ.',
      'Castellan-Client-Address': '1.2.3.4',
    },
  });
  t.match(answer.errors, [{ extensions: { code: 'UNAUTHENTICATED' } }]);
});

const badInputs: readonly (readonly [string, string, string])[] = [
  ['an empty name', '{ name: "  " }', 'BAD_USER_INPUT'],
  ['an over-long name', `{ name: "${'x'.repeat(500)}" }`, 'BAD_USER_INPUT'],
  ['an unknown permission', '{ name: "x", permissions: [FLY] }', 'GRAPHQL_VALIDATION_FAILED'],
  ['a malformed expiry', '{ name: "x", expiresIn: "soon" }', 'BAD_USER_INPUT'],
  ['an expiry of nothing', '{ name: "x", expiresIn: "0d" }', 'BAD_USER_INPUT'],
  ['an expiry in the past', '{ name: "x", expiresIn: "-1d" }', 'BAD_USER_INPUT'],
];

for (const [mistake, input, code] of badInputs) {
  t.test(`creating a key with ${mistake} is ${code} and makes none`, async (t) => {
    const count = async (): Promise<number> => {
      const { data } = await ask(
        url,
        '{ apiKeys(first: 100) { edges { node { id } } } }',
        bearer(key),
      );
      return (data as { apiKeys: { edges: unknown[] } }).apiKeys.edges.length;
    };
    const before = await count();
    const answer = await ask(
      url,
      `mutation { createAPIKey(input: ${input}) { id key } }`,
      bearer(key),
    );
    t.match(answer.errors, [{ message: String, extensions: { code } }]);
    t.notOk((answer.data as { createAPIKey?: unknown } | undefined)?.createAPIKey);
    t.equal(await count(), before);
  });
}

t.test('an unknown permission in variables is BAD_USER_INPUT', async (t) => {
  const answer = await ask(
    url,
    'mutation ($input: CreateAPIKeyInput!) { createAPIKey(input: $input) { id } }',
    { ...bearer(key), variables: { input: { name: 'x', permissions: ['FLY'] } } },
  );
  t.match(answer.errors, [{ extensions: { code: 'BAD_USER_INPUT' } }]);
});

t.test('garbage JSON, an unknown field and a mutation by GET say what they are', async (t) => {
  const garbage = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query": "{ viewer',
  });
  t.equal(garbage.status, 400);
  t.match(await garbage.json(), { errors: [{ extensions: { code: 'BAD_REQUEST' } }] });

  const unknownField = await ask(url, '{ viewr { id } }', bearer(key));
  t.match(unknownField.errors, [
    { message: /Did you mean "viewer"/, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
  ]);

  const query = encodeURIComponent('mutation { createAPIKey(input: { name: "x" }) { id } }');
  const byGet = await fetch(`${url}/graphql?query=${query}`, bearer(key));
  t.equal(byGet.status, 405);
  t.match(await byGet.json(), { errors: [{ extensions: { code: 'METHOD_NOT_ALLOWED' } }] });
});
