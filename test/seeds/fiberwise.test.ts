import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startCastellan } from '#test/support/castellan-process.ts';
import { ask, bearer } from '#test/support/client.ts';
import { onEitherCastellan } from '#test/support/running-castellan.ts';
import { BrowserPage } from './support/browser-page.ts';
import { curl } from './support/curl.ts';
import { python, pythonWith } from './support/python.ts';

const env = { CASTELLAN_DIALECTS: 'fiberwise' };
const PASSWORD = 'violet-otter-sleeps-late';
const SESSION = 'castellan.session_token';

interface MadeKey {
  readonly id: number;
  readonly key: string;
  readonly key_prefix: string;
}

/** Registers and signs in with curl, as the page does; answers what a client has of the session. */
async function signIn(url: string, email: string): Promise<{ page: BrowserPage; token: string }> {
  const page = new BrowserPage(url);
  const fields = { password: PASSWORD, confirm_password: PASSWORD, first_name: 'John' };
  await page.submit('/api/v1/auth/register', { email, ...fields, last_name: 'Doe' });
  await page.submit('/api/v1/auth/login', { email, password: PASSWORD });
  const value = new RegExp(`${SESSION}=([^;]+)`).exec(page.cookie)?.[1];
  if (value === undefined) throw new Error('there is no session');
  return { page, token: value };
}

interface Sent {
  readonly method?: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request below /api/v1 with a bearer token; answers status and body. */
async function send(
  url: string,
  path: string,
  { method, token, body, text, headers }: Sent = {},
): Promise<[status: number, body: unknown]> {
  const content = text ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(`${url}/api/v1${path}`, {
    method: method ?? (content === undefined ? 'GET' : 'POST'),
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(content !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(content !== undefined && { body: content }),
    redirect: 'manual',
  });
  const answer = await response.text();
  return [response.status, answer === '' ? null : JSON.parse(answer)];
}

async function makeKey(url: string, token: string, scopes: readonly string[]): Promise<MadeKey> {
  const [status, key] = await send(url, '/user/api-keys', { token, body: { name: 'key', scopes } });
  if (status !== 201) throw new Error(JSON.stringify(key));
  return key as MadeKey;
}

const AUTHENTICATION_REQUIRED = { detail: 'Authentication required' };
const INVALID_KEY = { detail: 'Invalid API key' };
const INSUFFICIENT = { detail: 'Insufficient permissions for this operation' };
const NOT_FOUND = { detail: 'Not Found' };

onEitherCastellan(
  'what the page of Fiberwise promises',
  async (t, castellan) => {
    const { url } = castellan;
    const { page, token } = await signIn(url, 'john@example.com');

    await t.test('a registration is a form, and leads to the login page', async (t) => {
      const form =
        `email=jane%40example.com&password=${PASSWORD}&confirm_password=${PASSWORD}` +
        '&first_name=Jane&last_name=Doe';
      const answer = await curl('-i', '-X', 'POST', `${url}/api/v1/auth/register`, '-d', form);
      t.equal(answer.status, 303);
      t.match(answer.body, /^location: \/api\/v1\/auth\/login\r$/im);
      t.notMatch(answer.body, /set-cookie/i, 'nobody is signed in by it');
      const login = await fetch(`${url}/api/v1/auth/login`);
      t.equal(login.status, 200);
      t.match(await login.text(), /<form method="post">/);
      t.match(login.headers.get('content-security-policy'), /frame-ancestors 'none'/);
    });

    await t.test('whoever has registered has a name and an organization', async (t) => {
      const { data } = await ask(
        url,
        '{ me { email name organizations { role projects { name } } } mySessions { nodes { id } } }',
        bearer(token),
      );
      t.match(data, {
        me: {
          email: 'john@example.com',
          name: 'John Doe',
          organizations: [{ role: 'OWNER', projects: [{ name: String }] }],
        },
      });
      const { nodes } = (data as { mySessions: { nodes: unknown[] } }).mySessions;
      t.equal(nodes.length, 1, 'the session of the login, and none of the registration');
    });

    await t.test('a login is a form, sets the cookie and leads to the app', async (t) => {
      const form = `email=john%40example.com&password=${PASSWORD}`;
      const answer = await curl('-i', '-X', 'POST', `${url}/api/v1/auth/login`, '-d', form);
      t.equal(answer.status, 303);
      t.match(answer.body, /^location: \/graphiql\r$/im);
      t.match(answer.body, /^set-cookie: castellan\.session_token=.+HttpOnly/im);
      const followed = await curl('-L', `${url}/api/v1/auth/login`, '-d', form);
      t.equal(followed.status, 200, 'the app is there');
    });

    await t.test('the cookie of a login opens the API', async (t) => {
      const response = await page.fetch(`${url}/api/v1/agents`);
      t.equal(response.status, 200);
      t.strictSame(await response.json(), []);
    });

    await t.test(
      'a logout clears the cookie, ends the session and leads to the login',
      async (t) => {
        for (const by of ['cookie', 'bearer'] as const) {
          const other = await signIn(url, `out-${by}@example.com`);
          const response =
            by === 'cookie'
              ? await other.page.submit('/api/v1/auth/logout', {})
              : await fetch(`${url}/api/v1/auth/logout`, {
                  method: 'POST',
                  headers: { authorization: `Bearer ${other.token}` },
                  redirect: 'manual',
                });
          t.equal(response.status, 303);
          t.equal(response.headers.get('location'), '/api/v1/auth/login');
          t.match(response.headers.get('set-cookie'), /castellan\.session_token=;.*Max-Age=0/);
          t.strictSame(await send(url, '/user/api-keys', { token: other.token }), [
            401,
            AUTHENTICATION_REQUIRED,
          ]);
        }
        const nobody = await fetch(`${url}/api/v1/auth/logout`, {
          method: 'POST',
          redirect: 'manual',
        });
        t.equal(nobody.status, 303, 'whoever was not signed in is so afterwards');
      },
    );

    await t.test('a key is made with a session as bearer token, and shown once', async (t) => {
      const [status, key] = await send(url, '/user/api-keys', {
        token,
        body: { name: 'My Integration Key', scopes: ['read:all', 'write:all'] },
      });
      t.equal(status, 201);
      t.match(key, {
        id: Number,
        name: 'My Integration Key',
        key: /^cst_/,
        key_prefix: /^cst_/,
        scopes: ['read:all', 'write:all'],
        expires_at: null,
        created_at: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
      });
      const made = key as MadeKey;
      t.ok(made.key.startsWith(made.key_prefix));
      t.ok(Number.isInteger(made.id) && made.id < 1_000, 'a small integer');
      const [, keys] = await send(url, '/user/api-keys', { token });
      const { key: text, ...record } = made;
      t.strictSame(keys, [record], 'the list shows all but the key');
      t.notMatch(JSON.stringify(keys), text);
      await send(url, `/user/api-keys/${made.id}`, { method: 'DELETE', token });
    });

    await t.test('the four scopes are scopes of a key', async (t) => {
      for (const scope of ['read:all', 'write:all', 'admin', 'app:access']) {
        const [status, key] = await send(url, '/user/api-keys', {
          token,
          body: { name: scope, scopes: [scope] },
        });
        t.match([status, key], [201, { scopes: [scope] }]);
        await send(url, `/user/api-keys/${(key as MadeKey).id}`, { method: 'DELETE', token });
      }
    });

    await t.test('a key may have an end, or none', async (t) => {
      const make = async (expires_at: unknown) =>
        send(url, '/user/api-keys', {
          token,
          body: { name: 'e', scopes: ['read:all'], expires_at },
        });
      for (const [given, told] of [
        ['2030-01-31T08:00:00Z', '2030-01-31T08:00:00Z'],
        [null, null],
      ]) {
        const [status, key] = await make(given);
        t.match([status, key], [201, { expires_at: told }]);
        await send(url, `/user/api-keys/${(key as MadeKey).id}`, { method: 'DELETE', token });
      }
      t.match(await make('2020-01-31T08:00:00Z'), [400, { detail: /expiresAt|future/ }]);
    });

    await t.test('a revoked key opens nothing, and is in the list no more', async (t) => {
      const { id, key } = await makeKey(url, token, ['read:all']);
      t.equal((await send(url, '/agents', { token: key }))[0], 200);
      t.strictSame(await send(url, `/user/api-keys/${id}`, { method: 'DELETE', token }), [
        204,
        null,
      ]);
      t.strictSame(await send(url, '/agents', { token: key }), [401, INVALID_KEY]);
      t.strictSame(await send(url, '/user/api-keys', { token }), [200, []]);
      t.strictSame(await send(url, `/user/api-keys/${id}`, { method: 'DELETE', token }), [
        404,
        NOT_FOUND,
      ]);
    });

    const { key } = await makeKey(url, token, ['read:all']);
    const [, agent] = await send(url, '/agents', { token, body: { name: 'Planner' } });

    await t.test('a key opens a resource for curl', async (t) => {
      const answer = await curl(
        '-X',
        'GET',
        `${url}/api/v1/agents`,
        '-H',
        `Authorization: Bearer ${key}`,
      );
      t.equal(answer.status, 200);
      t.match(answer.json(), [{ id: /^sa_/, name: 'Planner', role: 'member', is_active: true }]);
    });

    await t.test('a key opens a resource for fetch, which names a type of no body', async (t) => {
      const response = await fetch(`${url}/api/v1/agents`, {
        headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      });
      t.strictSame(await response.json(), [agent]);
    });

    await t.test('a key opens a resource for Python', async (t) => {
      const kind = await pythonWith();
      t.comment(`Python: ${kind ?? 'none on this machine'}`);
      if (kind === null) return;
      const agents = await python(kind === 'requests' ? WITH_REQUESTS : WITH_STANDARD_LIBRARY, {
        URL: `${url}/api/v1/agents`,
        KEY: key,
      });
      t.strictSame(agents, [agent]);
    });

    await t.test('a key of an agent is the agent’s', async (t) => {
      const { id } = agent as { id: string };
      const [status, made] = await send(url, `/agents/${id}/api-keys`, {
        token,
        body: { name: 'agent key', scopes: ['read:all'] },
      });
      t.equal(status, 201);
      const { key: agentKey, ...record } = made as MadeKey;
      t.strictSame(await send(url, `/agents/${id}/api-keys`, { token }), [200, [record]]);
      t.strictSame(await send(url, '/agents', { token: agentKey }), [200, [agent]]);
      const { data } = await ask(
        url,
        '{ me { id } viewer { serviceAccount { name } } }',
        bearer(agentKey),
      );
      t.strictSame(data, { me: null, viewer: { serviceAccount: { name: 'Planner' } } });
      t.strictSame(await send(url, `/agents/${id}`, { token: agentKey }), [200, agent]);
      const revoked = await send(url, `/agents/${id}/api-keys/${record.id}`, {
        method: 'DELETE',
        token,
      });
      t.strictSame(revoked, [204, null]);
      t.strictSame(await send(url, '/agents', { token: agentKey }), [401, INVALID_KEY]);
    });

    await t.test('the three errors have their status and their text', async (t) => {
      for (const bad of ['fw_key_abc123...', `${key}x`, 'Bearer', `${key.slice(0, -6)}000000`]) {
        t.strictSame(await send(url, '/agents', { token: bad }), [401, INVALID_KEY], bad);
      }
      t.strictSame(await send(url, '/agents'), [401, AUTHENTICATION_REQUIRED]);
      t.strictSame(await send(url, '/user/api-keys'), [401, AUTHENTICATION_REQUIRED]);
      const body = { name: 'x', scopes: ['read:all'] };
      t.strictSame(await send(url, '/user/api-keys', { token: key, body }), [403, INSUFFICIENT]);
      t.strictSame(await send(url, '/agents', { token: key, body: { name: 'x' } }), [
        403,
        INSUFFICIENT,
      ]);
      const app = await makeKey(url, token, ['app:access']);
      t.strictSame(await send(url, '/agents', { token: app.key }), [403, INSUFFICIENT]);
      t.strictSame(await send(url, '/nothing', { token: key }), [404, NOT_FOUND]);
    });
  },
  env,
);

const WITH_REQUESTS = `
import json, os, requests
headers = {
    'Authorization': f"Bearer {os.environ['KEY']}",
    'Content-Type': 'application/json'
}
response = requests.get(os.environ['URL'], headers=headers)
print(json.dumps(response.json()))
`;
const WITH_STANDARD_LIBRARY = `
import os, urllib.request
headers = {
    'Authorization': f"Bearer {os.environ['KEY']}",
    'Content-Type': 'application/json'
}
request = urllib.request.Request(os.environ['URL'], headers=headers)
print(urllib.request.urlopen(request).read().decode())
`;

onEitherCastellan(
  'what Fiberwise’s addresses do with bad input',
  async (t, { url }) => {
    const { page, token } = await signIn(url, 'john@example.com');
    const other = await signIn(url, 'jane@example.com');

    await t.test('accounts: what is missing, wrong or taken is a 400 that says so', async (t) => {
      const fields = { email: 'new@example.com', password: PASSWORD, confirm_password: PASSWORD };
      const register = async (changes: Record<string, string>, without: string[] = []) => {
        const form = Object.entries({ ...fields, ...changes }).filter(
          ([name]) => !without.includes(name),
        );
        const response = await new BrowserPage(url).submit(
          '/api/v1/auth/register',
          Object.fromEntries(form),
        );
        return [response.status, await response.json()];
      };
      const isBad = async (answer: Promise<unknown[]>, detail: RegExp) =>
        t.match(await answer, [400, { detail }]);
      await isBad(register({}, ['email']), /Missing: email/);
      await isBad(register({}, ['password', 'confirm_password']), /Missing: password, confirm_/);
      await isBad(register({ confirm_password: `${PASSWORD}!` }), /differ/);
      await isBad(register({ email: 'nobody' }), /^Invalid email address$/);
      await isBad(register({ email: 'john@example.com' }), /already exists/);
      await isBad(register({ password: 'short', confirm_password: 'short' }), /15 characters/);
      await isBad(register({ role: 'owner' }), /"role" is not known/);
      const login = (email: string, password: string) =>
        curl(`${url}/api/v1/auth/login`, '-d', new URLSearchParams({ email, password }).toString());
      const wrong = await login('john@example.com', 'something else entirely');
      const unknown = await login('nobody@example.com', 'something else entirely');
      t.match([wrong.status, wrong.json()], [401, { detail: 'Invalid email or password' }]);
      t.strictSame([unknown.status, unknown.body], [wrong.status, wrong.body]);
      const missing = await curl(`${url}/api/v1/auth/login`, '-d', 'password=x');
      t.match([missing.status, missing.json()], [400, { detail: 'Missing: email' }]);
      const twice = await curl(`${url}/api/v1/auth/login`, '-d', 'email=a&email=b&password=x');
      t.match([twice.status, twice.json()], [400, { detail: /twice/ }]);
    });

    await t.test('accounts: a form is a form, of bounded size', async (t) => {
      for (const address of ['register', 'login', 'logout']) {
        const json = await send(url, `/auth/${address}`, { body: { email: 'a@example.com' } });
        t.match(json, [415, { detail: String }], address);
        const large = await curl(
          `${url}/api/v1/auth/${address}`,
          '-H',
          'Expect:',
          '-d',
          `email=a@example.com&password=${'y'.repeat(100_000)}`,
        );
        t.equal(large.status, 413, address);
        t.match(large.json(), { detail: String });
      }
    });

    await t.test('accounts: another site’s page can sign nobody in or out', async (t) => {
      const foreign = new BrowserPage(url, 'https://elsewhere.example');
      for (const pair of page.cookie.split('; ')) foreign.keep(pair);
      const form = { email: 'jane@example.com', password: PASSWORD };
      for (const [address, fields] of [
        ['login', form],
        ['register', { ...form, email: 'x@example.com', confirm_password: PASSWORD }],
        ['logout', {}],
      ] as const) {
        const response = await foreign.submit(`/api/v1/auth/${address}`, fields);
        t.equal(response.status, 403, address);
        t.match(await response.json(), { detail: /same site/ });
        t.equal(response.headers.get('set-cookie'), null);
      }
      t.equal((await page.fetch(`${url}/api/v1/agents`)).status, 200, 'the session goes on');
    });

    await t.test('the API: another site’s page can use no cookie', async (t) => {
      const foreign = new BrowserPage(url, 'https://elsewhere.example');
      for (const pair of page.cookie.split('; ')) foreign.keep(pair);
      for (const [method, address] of [
        ['GET', '/user/api-keys'],
        ['POST', '/user/api-keys'],
        ['DELETE', '/user/api-keys/1'],
        ['GET', '/agents'],
        ['POST', '/agents'],
      ] as const) {
        const response = await foreign.fetch(`${url}/api/v1${address}`, { method });
        t.equal(response.status, 403, `${method} ${address}`);
        t.match(await response.json(), { detail: /same site/ });
      }
    });

    await t.test('keys: what is missing, wrong or unknown is a 400 that says so', async (t) => {
      const post = (text: string, headers = {}) =>
        send(url, '/user/api-keys', { token, text, headers });
      const isBad = async (body: unknown, detail: RegExp) =>
        t.match(await post(JSON.stringify(body)), [400, { detail }], JSON.stringify(body));
      await isBad({}, /Missing: name, scopes/);
      await isBad({ name: 'x' }, /Missing: scopes/);
      await isBad({ name: 7, scopes: ['read:all'] }, /"name" must be string/);
      await isBad({ name: '', scopes: ['read:all'] }, /"name"/);
      await isBad({ name: 'x', scopes: [] }, /"scopes"/);
      await isBad({ name: 'x', scopes: 'read:all' }, /"scopes" must be array/);
      await isBad(
        { name: 'x', scopes: ['root'] },
        /must be one of read:all, write:all, admin, app:/,
      );
      await isBad({ name: 'x', scopes: ['read:all'], expires_at: 'soon' }, /"expires_at"/);
      await isBad({ name: 'x', scopes: ['read:all'], expires_in_days: 3 }, /"expires_in_days"/);
      await isBad([], /must be object/);
      t.match(await post('{'), [400, { detail: String }]);
      t.match(await post('name=x', { 'content-type': 'application/x-www-form-urlencoded' }), [
        415,
        { detail: String },
      ]);
      t.match(await post(JSON.stringify({ name: 'x'.repeat(1_048_576) })), [
        413,
        { detail: String },
      ]);
      t.strictSame(await send(url, '/user/api-keys', { token }), [200, []]);
    });

    await t.test('keys: a foreign number and an unknown one are the same 404', async (t) => {
      const { id } = await makeKey(url, other.token, ['read:all']);
      for (const each of [id, 1_000_000, 2_147_483_648, '99999999999999999999999']) {
        t.strictSame(await send(url, `/user/api-keys/${each}`, { method: 'DELETE', token }), [
          404,
          NOT_FOUND,
        ]);
      }
      for (const each of ['abc', '0', '-1', '1.5', '']) {
        const [status, body] = await send(url, `/user/api-keys/${each}`, {
          method: 'DELETE',
          token,
        });
        t.match([status, body], [400, { detail: String }], each);
      }
      const [, keys] = await send(url, '/user/api-keys', { token: other.token });
      t.match(keys, [{ id }]);
    });

    await t.test('agents: foreign ones are unknown ones', async (t) => {
      const [, agent] = await send(url, '/agents', {
        token: other.token,
        body: { name: 'theirs' },
      });
      const { id } = agent as { id: string };
      const body = { name: 'x', scopes: ['read:all'] };
      for (const each of [id, 'sa_0000000000000000000000', 'a%00b']) {
        t.strictSame(await send(url, `/agents/${each}`, { token }), [404, NOT_FOUND]);
        t.strictSame(await send(url, `/agents/${each}/api-keys`, { token }), [404, NOT_FOUND]);
        t.strictSame(await send(url, `/agents/${each}/api-keys`, { token, body }), [
          404,
          NOT_FOUND,
        ]);
      }
      t.strictSame(await send(url, '/agents', { token }), [200, []]);
      t.match(await send(url, '/agents', { token, body: {} }), [400, { detail: 'Missing: name' }]);
    });

    await t.test('a session that has ended opens nothing', async (t) => {
      await other.page.submit('/api/v1/auth/logout', {});
      t.strictSame(await send(url, '/user/api-keys', { token: other.token }), [
        401,
        AUTHENTICATION_REQUIRED,
      ]);
      const cookie = `${SESSION}=${other.token}`;
      const answer = await curl(`${url}/api/v1/agents`, '-H', `Cookie: ${cookie}`);
      t.strictSame([answer.status, answer.json()], [401, AUTHENTICATION_REQUIRED]);
    });
  },
  env,
);

t.test('the password of the page is long enough where the deployment says so', async (t) => {
  const folder = t.testdir();
  const root = process.cwd();
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, 'castellan.config.ts'),
    [
      "import { defineIdentity } from '#subgraphs/identity/settings.ts';",
      `export { default } ${'from'} '${root}/castellan.config.ts';`,
      'export const identity = defineIdentity({ passwords: { minLength: 12 } });',
    ].join('\n'),
  );
  const whole = await startCastellan(
    ['start'],
    { ...env, CASTELLAN_DATA: path.join(folder, 'data'), INIT_CWD: root },
    'GraphQL',
    folder,
  );
  t.teardown(() => whole.stop());
  const url = (whole.facts.get('GraphQL') ?? '').replace(/\/graphql$/, '');
  const password = 'yourpassword';
  const page = new BrowserPage(url);
  const registered = await page.submit('/api/v1/auth/register', {
    email: 'john@example.com',
    password,
    confirm_password: password,
    first_name: 'John',
    last_name: 'Doe',
  });
  t.equal(registered.status, 303);
  const login = await page.submit('/api/v1/auth/login', { email: 'john@example.com', password });
  t.equal(login.status, 303);
  t.match(page.cookie, SESSION);
});

t.test('the document of the routes is whole enough for a generator of clients', async (t) => {
  const whole = await startCastellan(
    ['start'],
    { CASTELLAN_DIALECTS: ' fiberwise, fibery ', CASTELLAN_DATA: t.testdir() },
    'GraphQL',
  );
  t.teardown(() => whole.stop());
  const url = (whole.facts.get('GraphQL') ?? '').replace(/\/graphql$/, '');
  const response = await fetch(`${url}/openapi.json`);
  t.equal(response.status, 200);
  const { openapi, paths } = (await response.json()) as {
    openapi: string;
    paths: Record<string, Record<string, { requestBody?: unknown; responses: object }>>;
  };
  t.equal(openapi, '3.1.0');
  const routes = Object.entries(paths).flatMap(([address, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${address}`),
  );
  t.strictSame(routes.sort(), [
    'DELETE /api/tokens/{token_id}',
    'DELETE /api/v1/agents/{agent_id}/api-keys/{key_id}',
    'DELETE /api/v1/user/api-keys/{key_id}',
    'GET /api/tokens',
    'GET /api/v1/agents',
    'GET /api/v1/agents/{agent_id}',
    'GET /api/v1/agents/{agent_id}/api-keys',
    'GET /api/v1/user/api-keys',
    'POST /api/tokens',
    'POST /api/v1/agents',
    'POST /api/v1/agents/{agent_id}/api-keys',
    'POST /api/v1/auth/login',
    'POST /api/v1/auth/logout',
    'POST /api/v1/auth/register',
    'POST /api/v1/user/api-keys',
  ]);
  t.match(paths['/api/v1/auth/login']?.post?.requestBody, {
    content: { 'application/x-www-form-urlencoded': { schema: { required: ['password'] } } },
  });
  t.match(paths['/api/v1/user/api-keys']?.post?.responses, {
    201: {
      content: { 'application/json': { schema: { properties: { id: { type: 'integer' } } } } },
    },
    '4XX': { content: { 'application/json': { schema: { required: ['detail'] } } } },
  });
});

t.test('a dialect that is not there stops the boot, and is named', async (t) => {
  await t.rejects(
    startCastellan(
      ['start'],
      { CASTELLAN_DIALECTS: 'fibery,fiberwize', CASTELLAN_DATA: t.testdir() },
      'GraphQL',
    ),
    {
      message:
        /CASTELLAN_DIALECTS: there is no "fiberwize"; there are cloudbeaver, fibery, fiberwise, graphcms/,
    },
  );
});
