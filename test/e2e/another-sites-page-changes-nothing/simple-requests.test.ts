import path from 'node:path';
import t from 'tap';
import { request } from 'undici';
import { ask, signUp } from '#test/support/client.ts';
import { startWhole } from '#test/support/running-castellan.ts';

/**
 * What a page of any site can have a browser send without asking us first (Fetch, "simple requests"), and what
 * it cannot: a request with a JSON content type is preceded by an OPTIONS that nothing here allows.
 */
const { url } = await startWhole(t, {
  url: undefined,
  file: path.join(t.testdir(), 'castellan.db'),
});
const cookie = await signUp(url, 'ann@example.com');

const mutation =
  'mutation { createAPIKey(input: { name: "forged", permissions: [READ] }) { key } }';
const query = '{ me { email } }';
const json = JSON.stringify({ query: mutation });
const form = new URLSearchParams({ query: mutation }).toString();
const multipart = `--x\r\ncontent-disposition: form-data; name="query"\r\n\r\n${mutation}\r\n--x--`;
const crossSite = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
const neighbour = { 'sec-fetch-site': 'same-site' };

interface Row {
  readonly name: string;
  readonly method?: 'GET' | 'POST';
  readonly search?: Record<string, string>;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  /** Status and code: with the cookie of a session, and without one. */
  readonly withCookie: readonly [number, string | null];
  readonly without: readonly [number, string | null];
}

const unsupported = [415, 'UNSUPPORTED_MEDIA_TYPE'] as const;
const rejected = [403, 'CSRF_REJECTED'] as const;
const noMethod = [405, 'METHOD_NOT_ALLOWED'] as const;
const answered = [200, null] as const;
/** It is asked by nobody: what a page could do without a browser's help just as well. */
const anonymous = [401, 'UNAUTHENTICATED'] as const;

const bodies: readonly (readonly [string, Record<string, string>, string])[] = [
  ['text/plain', { 'content-type': 'text/plain' }, json],
  ['text/plain;charset=UTF-8', { 'content-type': 'text/plain;charset=UTF-8' }, json],
  ['text/plain that looks like JSON', { 'content-type': 'text/plain; application/json' }, json],
  ['a batch as text/plain', { 'content-type': 'text/plain' }, `[${json}]`],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, form],
  ['JSON as a form', { 'content-type': 'application/x-www-form-urlencoded' }, json],
  ['multipart', { 'content-type': 'multipart/form-data; boundary=x' }, multipart],
  ['no content type', {}, json],
  ['an empty content type', { 'content-type': '' }, json],
];

const table: readonly Row[] = [
  ...bodies.flatMap(([name, headers, body]): Row[] => [
    { name: `POST ${name}`, body, headers, withCookie: unsupported, without: unsupported },
    {
      name: `POST ${name}, cross-site`,
      body,
      headers: { ...headers, ...crossSite },
      withCookie: rejected,
      without: unsupported,
    },
  ]),
  { name: 'GET', method: 'GET', search: { query }, withCookie: answered, without: anonymous },
  {
    name: 'GET, cross-site',
    method: 'GET',
    search: { query },
    headers: crossSite,
    withCookie: rejected,
    without: anonymous,
  },
  {
    name: 'GET of a neighbour',
    method: 'GET',
    search: { query },
    headers: neighbour,
    withCookie: rejected,
    without: anonymous,
  },
  {
    name: 'GET of a browser too old for Sec-Fetch-Site',
    method: 'GET',
    search: { query },
    headers: { origin: 'https://evil.example' },
    withCookie: rejected,
    without: anonymous,
  },
  {
    name: 'a mutation by GET',
    method: 'GET',
    search: { query: mutation },
    withCookie: noMethod,
    without: noMethod,
  },
  {
    name: 'a mutation by GET, cross-site',
    method: 'GET',
    search: { query: mutation },
    headers: crossSite,
    withCookie: rejected,
    without: noMethod,
  },
  {
    name: 'POST with the query in the URL',
    search: { query: mutation },
    body: '',
    headers: { 'content-type': 'text/plain' },
    withCookie: unsupported,
    without: unsupported,
  },
  {
    name: 'POST JSON, cross-site (after a preflight that is never allowed)',
    body: JSON.stringify({ query }),
    headers: { 'content-type': 'application/json', ...crossSite },
    withCookie: rejected,
    without: anonymous,
  },
  {
    name: 'POST JSON of our own page',
    body: JSON.stringify({ query }),
    headers: { 'content-type': 'application/json', origin: url, 'sec-fetch-site': 'same-origin' },
    withCookie: answered,
    without: anonymous,
  },
];

for (const row of table) {
  for (const [who, [status, code], headers] of [
    ['with a cookie', row.withCookie, { cookie }],
    ['without', row.without, {}],
  ] as const) {
    t.test(`${row.name}, ${who}: ${code ?? status}`, async (t) => {
      const search = row.search === undefined ? '' : `?${new URLSearchParams(row.search)}`;
      const answer = await request(`${url}/graphql${search}`, {
        method: row.method ?? 'POST',
        headers: { ...row.headers, ...headers },
        ...(row.body !== undefined && { body: row.body }),
      });
      const text = await answer.body.text();
      t.equal(answer.statusCode, status, text);
      const { errors } = JSON.parse(text) as { errors?: { extensions: { code: string } }[] };
      t.equal(errors?.[0]?.extensions.code ?? null, code);
      t.notOk(
        Object.keys(answer.headers).some((name) => name.startsWith('access-control-')),
        'no page of another origin may read it',
      );
    });
  }
}

t.test('a browser that asks first is not told that it may', async (t) => {
  const answer = await request(`${url}/graphql`, {
    method: 'OPTIONS',
    headers: {
      ...crossSite,
      cookie,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    },
  });
  await answer.body.dump();
  t.ok(answer.statusCode >= 400);
  t.notOk(Object.keys(answer.headers).some((name) => name.startsWith('access-control-')));
});

t.test('none of it has made a key', async (t) => {
  const { data } = await ask(url, '{ apiKeys { nodes { name } } }', { headers: { cookie } });
  t.same(data, { apiKeys: { nodes: [] } });
});
