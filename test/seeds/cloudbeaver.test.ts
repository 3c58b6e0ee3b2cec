import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { ask, bearer, cookieOf, signUp } from '#test/support/client.ts';
import { onEitherCastellan, startWhole } from '#test/support/running-castellan.ts';
import { curl } from './support/curl.ts';

const env = { CASTELLAN_DIALECTS: 'cloudbeaver' };
const ALL = ['READ', 'WRITE', 'ADMIN'];

/** The query as clients of CloudBeaver have it. */
const LOGIN = `query authLogin($credentials: Object) {
  authLogin(
    provider: "token"
    credentials: $credentials
  ) {
    authId
    userTokens {
      userId
    }
    authStatus
  }
}`;
const CREATE = `mutation ($input: CreateAPIKeyInput!) {
  createAPIKey(input: $input) { id key expiresAt warnings { code message } } }`;
const ORGANIZE = `mutation { createOrganization(input: { name: "Company", slug: "company" }) { id } }`;
const SWITCH = 'mutation ($id: ID!) { switchOrganization(id: $id) { id } }';
const REVOKE = 'mutation ($id: ID!) { revokeAPIKey(id: $id) { id } }';

interface NewKey {
  readonly id: string;
  readonly key: string;
  readonly expiresAt: string | null;
  readonly warnings: readonly { readonly code: string }[];
}

async function dataOf<T>(url: string, cookie: string, source: string, variables = {}): Promise<T> {
  const { data, errors } = await ask(url, source, { headers: { cookie }, variables });
  if (errors !== undefined) throw new Error(errors[0]?.message);
  return data as T;
}

const makeKey = async (url: string, cookie: string, input: object): Promise<NewKey> =>
  (await dataOf<{ createAPIKey: NewKey }>(url, cookie, CREATE, { input })).createAPIKey;

/** Somebody who administers an organization, signed in for it. */
async function administrator(url: string, email: string): Promise<string> {
  const cookie = await signUp(url, email);
  const made = await dataOf<{ createOrganization: { id: string } }>(url, cookie, ORGANIZE);
  await dataOf(url, cookie, SWITCH, { id: made.createOrganization.id });
  return cookie;
}

function send(url: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

const login = (url: string, token: unknown, headers?: Record<string, string>) =>
  send(url, { query: LOGIN, variables: { credentials: { token } } }, headers);

interface LoginAnswer {
  readonly data?: {
    readonly authLogin: {
      readonly authId: string;
      readonly authStatus: string;
      readonly userTokens: readonly { readonly userId: string }[];
    };
  };
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions: { readonly code: string };
  }[];
}

const answerOf = async (response: Response) => (await response.json()) as LoginAnswer;
const codeOf = async (response: Response) =>
  (await answerOf(response)).errors?.[0]?.extensions.code;

onEitherCastellan(
  'what the page of CloudBeaver promises',
  async (t, { url, output }) => {
    const cookie = await administrator(url, 'ann@example.com');
    const keys: NewKey[] = [];

    await t.test(
      'a token has a name, and an end in a day, week, month, year or never',
      async (t) => {
        const day = 24 * 3_600_000;
        for (const [expiresIn, days] of [
          ['1d', [1, 1]],
          ['1w', [7, 7]],
          ['1m', [28, 31]],
          ['1y', [365, 366]],
        ] as const) {
          const made = await makeKey(url, cookie, { name: expiresIn, permissions: ALL, expiresIn });
          keys.push(made);
          const lives = (Date.parse(made.expiresAt ?? '') - Date.now()) / day;
          t.ok(lives > days[0] - 0.1 && lives < days[1] + 0.1, `${expiresIn}: ${lives} days`);
          t.strictSame(made.warnings, []);
        }
        const never = await makeKey(url, cookie, { name: 'never', permissions: ALL });
        keys.push(never);
        t.equal(never.expiresAt, null);
        t.match(never.warnings, [{ code: 'NEVER_EXPIRES', message: String }], 'with a warning');
      },
    );

    await t.test('nobody has more than five', async (t) => {
      const { errors } = await ask(url, CREATE, {
        headers: { cookie },
        variables: { input: { name: 'sixth', permissions: ALL } },
      });
      t.equal(errors?.[0]?.extensions.code, 'KEY_LIMIT_REACHED');
    });

    await t.test('a token is shown once', async (t) => {
      const { text } = await ask(url, '{ apiKeys { nodes { id name prefix status } } }', {
        headers: { cookie },
      });
      for (const { id, key } of keys) {
        t.ok(text.includes(id), 'it is in the list');
        t.notOk(text.includes(key), 'its text is not');
        t.notOk(output().includes(key), 'nor in a log');
      }
    });

    await t.test('the query signs in, in the console as by curl', async (t) => {
      const [{ key } = { key: '' }] = keys;
      const jar = path.join(mkdtempSync(path.join(tmpdir(), 'castellan-')), 'jar');
      const json = ['-H', 'Content-Type: application/json'];
      const body = { query: LOGIN, variables: { credentials: { token: key } } };
      const signedIn = await curl('-c', jar, ...json, '-d', JSON.stringify(body), `${url}/api/gql`);
      t.equal(signedIn.status, 200);
      const { data } = signedIn.json<LoginAnswer>();
      const me = await curl(
        '-b',
        jar,
        ...json,
        '-d',
        '{"query":"{ me { id email } }"}',
        `${url}/api/gql`,
      );
      const found = me.json<{ data: { me: { id: string; email: string } } }>().data.me;
      t.equal(found.email, 'ann@example.com', 'the session is open from then on');
      t.match(data, { authLogin: { authId: String, authStatus: 'SUCCESS' } });
      t.strictSame(data?.authLogin.userTokens, [{ userId: found.id }]);
      const listed = await curl(
        '-b',
        jar,
        ...json,
        '-d',
        '{"query":"{ mySessions { nodes { id isCurrent } } }"}',
        `${url}/graphql`,
      );
      t.match(listed.json(), {
        data: { mySessions: { nodes: [{ id: data?.authLogin.authId, isCurrent: true }, {}] } },
      });
    });

    await t.test('the cookie opens what the session may, and no page can read it', async (t) => {
      const response = await login(url, keys[1]?.key);
      t.match(response.headers.getSetCookie(), [/HttpOnly/i]);
      t.match(response.headers.getSetCookie(), [/SameSite=Lax/i]);
      const mine = cookieOf(response);
      const { nodes } = (
        await dataOf<{ apiKeys: { nodes: { name: string }[] } }>(
          url,
          mine,
          '{ apiKeys { nodes { name } } }',
        )
      ).apiKeys;
      t.strictSame(nodes.map(({ name }) => name).sort(), ['1d', '1m', '1w', '1y', 'never']);
      t.ok(await makesAndDeletes(url, mine, keys[4]?.id ?? ''), 'and makes other tokens');
    });

    await t.test('the same query twice at once opens two sessions', async (t) => {
      const key = keys[0]?.key;
      const answers = await Promise.all(
        [login(url, key), login(url, key)].map(async (each) => answerOf(await each)),
      );
      const ids = answers.map(({ data }) => data?.authLogin.authId);
      t.equal(new Set(ids).size, 2, 'it is not shared');
    });

    await t.test('it changes something, and is refused over GET', async (t) => {
      const query = new URLSearchParams({
        query: LOGIN,
        variables: JSON.stringify({ credentials: { token: keys[0]?.key } }),
      });
      const response = await fetch(`${url}/graphql?${query}`);
      t.equal(response.status, 405);
      t.strictSame(response.headers.getSetCookie(), []);
    });

    await t.test('a token that was deleted signs nobody in, and its session goes on', async (t) => {
      const { id, key } = keys[2] as NewKey;
      const open = cookieOf(await login(url, key));
      await dataOf(url, cookie, REVOKE, { id });
      const refused = await login(url, key);
      t.equal(await codeOf(refused), 'UNAUTHENTICATED');
      t.strictSame(refused.headers.getSetCookie(), []);
      t.match(await dataOf(url, open, '{ me { email } }'), { me: { email: 'ann@example.com' } });
      const again = await ask(url, REVOKE, { headers: { cookie }, variables: { id } });
      t.equal(again.errors?.[0]?.extensions.code, 'ALREADY_REVOKED', 'deleted twice');
    });

    await t.test('tokens are for administrators, each for their own account', async (t) => {
      const plain = await signUp(url, 'bob@example.com');
      const { key } = await makeKey(url, plain, { name: 'a', permissions: ALL });
      t.equal(await codeOf(await login(url, key)), 'FORBIDDEN');
      const { key: narrow } = await makeKey(url, cookie, { name: 'b', permissions: ['READ'] });
      t.equal(await codeOf(await login(url, narrow)), 'FORBIDDEN', 'nor with less than all rights');
      const others = await ask(url, REVOKE, {
        headers: { cookie: plain },
        variables: { id: keys[0]?.id },
      });
      t.equal(others.errors?.[0]?.extensions.code, 'NOT_FOUND');
    });

    await t.test('what is no sign-in gets a code, and no cookie', async (t) => {
      const query = (credentials: unknown, provider = 'token') => ({
        query: `query ($credentials: Object) { authLogin(provider: "${provider}", credentials: $credentials) { authId } }`,
        variables: { credentials },
      });
      const table: [body: object, code: string][] = [
        [query({ token: 'cst_test_nonsense' }), 'UNAUTHENTICATED'],
        [query({ token: '' }), 'UNAUTHENTICATED'],
        [query({ token: 7 }), 'BAD_USER_INPUT'],
        [query({ token: 'x'.repeat(2_000) }), 'BAD_USER_INPUT'],
        [query({}), 'BAD_USER_INPUT'],
        [query(['a']), 'BAD_USER_INPUT'],
        [query('text'), 'BAD_USER_INPUT'],
        [query(null), 'BAD_USER_INPUT'],
        [query({ user: 'a', password: 'b' }, 'local'), 'BAD_USER_INPUT'],
      ];
      for (const [body, code] of table) {
        const response = await send(url, body);
        t.equal(await codeOf(response), code, JSON.stringify(body).slice(0, 120));
        t.strictSame(response.headers.getSetCookie(), []);
      }
    });

    await t.test('another site signs nobody in', async (t) => {
      const response = await login(url, keys[0]?.key, { origin: 'https://evil.example' });
      t.equal(await codeOf(response), 'CSRF_REJECTED');
      t.strictSame(response.headers.getSetCookie(), []);
    });

    await t.test('whoever has no credential still sees nothing else', async (t) => {
      const { status, errors } = await ask(url, '{ me { email } }');
      t.equal(status, 401);
      t.equal(errors?.[0]?.extensions.code, 'UNAUTHENTICATED');
      const { data } = await ask(url, '{ __schema { queryType { fields { name } } } }');
      t.strictSame(data, { __schema: { queryType: { fields: [{ name: 'authLogin' }] } } });
    });

    await t.test('a token works as Bearer, too', async (t) => {
      t.equal((await ask(url, '{ me { email } }', bearer(keys[0]?.key ?? ''))).status, 200);
    });
  },
  env,
);

/** Whether a session can delete a token and make another one. */
async function makesAndDeletes(url: string, cookie: string, id: string): Promise<boolean> {
  await dataOf(url, cookie, REVOKE, { id });
  const made = await makeKey(url, cookie, { name: 'never', permissions: ALL });
  return made.key !== '';
}

t.test('while the dialect is off there is no such query', async (t) => {
  const { url, facts } = await startWhole(t, {
    url: undefined,
    file: path.join(t.testdir(), 'castellan.db'),
  });
  const key = facts.get('API key') ?? '';
  const response = await login(url, key, bearer(key).headers);
  t.equal(await codeOf(response), 'GRAPHQL_VALIDATION_FAILED');
  const { text } = await ask(url, '{ __schema { types { name } } }', bearer(key));
  for (const name of ['AuthInfo', 'UserAuthToken', 'Object"']) t.notOk(text.includes(name), name);
  const direct = await fetch(`${url}/api/auth/sign-in/api-key`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key }),
  });
  t.equal(direct.status, 403);
});

t.test(
  'the owner of the deployment signs in with the key that the first start shows',
  async (t) => {
    const { url, facts } = await startWhole(
      t,
      { url: undefined, file: path.join(t.testdir(), 'castellan.db') },
      env,
    );
    const response = await login(url, facts.get('API key'));
    t.match(await answerOf(response), { data: { authLogin: { authStatus: 'SUCCESS' } } });
  },
);
