import path from 'node:path';
import t, { type Test } from 'tap';
import { ask, bearer, signUp } from '#test/support/client.ts';
import {
  onEitherCastellan,
  type RunningCastellan,
  startWhole,
} from '#test/support/running-castellan.ts';
import { BrowserPage } from './support/browser-page.ts';
import { curl } from './support/curl.ts';

const env = { CASTELLAN_DIALECTS: 'fibery' };
const json = { 'content-type': 'application/json' };
const ME = '{me{email}}';

interface Token {
  readonly id: string;
  readonly value: string;
}

/** The page of somebody who has just signed in. */
async function signedIn(url: string, email: string): Promise<BrowserPage> {
  const page = new BrowserPage(url);
  for (const pair of (await signUp(url, email)).split('; ')) page.keep(pair);
  return page;
}

/** The script that makes a token in the console of a browser. */
const NEW_TOKEN = `
  fetch(\`https://\${window.location.host}/api/tokens\`, { method: 'POST' })
    .then(res => res.json())
    .then(obj => console.log('Your API token:', obj.value, obj));`;
const LIST = `
  fetch(\`https://\${window.location.host}/api/tokens\`, { method: 'GET' })
    .then(res => res.json())
    .then(apiKeys => console.log(apiKeys));`;
const remove = (id: string) =>
  `fetch(\`https://\${window.location.host}/api/tokens/${id}\`, { method: 'DELETE' });`;

async function newToken(page: BrowserPage): Promise<Token> {
  const [, value, token] = await page.run(NEW_TOKEN);
  if (typeof value !== 'string') throw new Error('there is no token');
  return { ...(token as Token), value };
}

const list = async (page: BrowserPage) => (await page.run(LIST))[0] as readonly Token[];

/** The name and id of the first project of whoever has this cookie. */
async function projectOf(url: string, cookie: string) {
  const { data } = await ask(url, '{ organizations { nodes { id projects { id name } } } }', {
    headers: { cookie },
  });
  const { nodes } = (data as { organizations: { nodes: Organization[] } }).organizations;
  const [organization] = nodes;
  const project = organization?.projects[0];
  if (organization === undefined || project === undefined) throw new Error('no project');
  return { organizationId: organization.id, ...project };
}

interface Organization {
  readonly id: string;
  readonly projects: readonly { readonly id: string; readonly name: string }[];
}

const inSpace = (url: string, space: string, token: string, query = ME) =>
  fetch(`${url}/api/graphql/space/${encodeURIComponent(space)}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Token ${token}` },
    body: JSON.stringify({ query }),
  });

async function codeIn(response: Response): Promise<unknown> {
  const body = (await response.json()) as { errors?: { extensions: { code: string } }[] };
  return body.errors?.[0]?.extensions.code;
}

t.test('the example space answers curl with the token in the header', async (t) => {
  const { url, facts } = await startWhole(
    t,
    { url: undefined, file: path.join(t.testdir(), 'castellan.db') },
    env,
  );
  const [email = ''] = (facts.get('Owner') ?? '').split('  ');
  const key = facts.get('API key') ?? '';
  const answer = await curl(
    '-X',
    'POST',
    `${url}/api/graphql/space/demo`,
    '-H',
    `Authorization: Token ${key}`,
    '-H',
    'Content-Type: application/json',
    '-d',
    `{"query": "${ME}"}`,
  );
  t.equal(answer.status, 200);
  t.strictSame(answer.json(), { data: { me: { email } } });
  const posts = await inSpace(url, 'demo', key, '{ posts { title } }');
  t.match(await posts.json(), { data: { posts: [{ title: String }] } });
});

onEitherCastellan(
  'what the page of Fibery promises',
  async (t, { url }) => {
    const page = await signedIn(url, 'ann@example.com');
    const project = await projectOf(url, page.cookie);

    await t.test('a token is made by a POST with the cookie alone', async (t) => {
      const [text, value] = await page.run(NEW_TOKEN);
      t.equal(text, 'Your API token:');
      t.match(value, /^cst_/);
    });

    await t.test(
      'GraphQL of a space answers fetch with the token, by name and by id',
      async (t) => {
        const { value } = await newToken(page);
        for (const space of [project.name, project.id]) {
          const response = await inSpace(url, space, value);
          t.equal(response.status, 200);
          t.strictSame(await response.json(), { data: { me: { email: 'ann@example.com' } } });
        }
      },
    );

    await t.test('one token serves any number of requests', async (t) => {
      const { value } = await newToken(page);
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => inSpace(url, project.name, value)),
      );
      t.ok(answers.every(({ status }) => status === 200));
    });

    await t.test('a token has the rights of its user', async (t) => {
      const { value, id } = await newToken(page);
      const { data } = await ask(url, '{ apiKeys { nodes { id scopes } } viewer { email } }', {
        ...bearer(value),
      });
      const { apiKeys, viewer } = data as {
        apiKeys: { nodes: { id: string; scopes: string[] }[] };
        viewer: unknown;
      };
      const own = apiKeys.nodes.find((each) => each.id === id);
      t.strictSame(new Set(own?.scopes), new Set(['read:all', 'write:all', 'admin', 'app:access']));
      t.strictSame(viewer, { email: 'ann@example.com' });
      const renamed = await ask(
        url,
        'mutation ($id: ID!, $name: String!) { renameProject(id: $id, name: $name) { name } }',
        { variables: { id: project.id, name: project.name }, ...bearer(value) },
      );
      t.match(renamed.data, { renameProject: { name: project.name } });
    });

    await t.test('a list shows the tokens of whoever asks, and no value', async (t) => {
      for (const token of await list(page)) await page.run(remove(token.id));
      const { id, value } = await newToken(page);
      const tokens = await list(page);
      t.match(tokens, [
        { id, name: 'API token', prefix: /^cst_\w+$/, createdAt: /Z$/, expiresAt: null },
      ]);
      t.equal(tokens.length, 1);
      t.notMatch(JSON.stringify(tokens), value);
      t.not(Object.hasOwn(tokens[0] ?? {}, 'value'), true);
      const other = await signedIn(url, 'bob@example.com');
      t.strictSame(await list(other), []);
    });

    await t.test('a token that is deleted opens nothing, and is in the list no more', async (t) => {
      const { id, value } = await newToken(page);
      t.equal((await inSpace(url, project.name, value)).status, 200);
      const deleted = await page.fetch(`${url}/api/tokens/${id}`, { method: 'DELETE' });
      t.equal(deleted.status, 204);
      const refused = await inSpace(url, project.name, value);
      t.equal(refused.status, 401);
      t.equal(await codeIn(refused), 'UNAUTHENTICATED');
      t.notOk((await list(page)).some((token) => token.id === id));
      const again = await page.fetch(`${url}/api/tokens/${id}`, { method: 'DELETE' });
      t.equal(again.status, 404, 'deleting it twice');
    });

    await t.test('the token routes need somebody who has signed in', async (t) => {
      for (const [method, url_] of [
        ['GET', '/api/tokens'],
        ['POST', '/api/tokens'],
        ['DELETE', '/api/tokens/token_id'],
      ] as const) {
        const response = await fetch(url + url_, { method });
        t.equal(response.status, 401, method);
        t.match(await response.json(), { name: 'UNAUTHENTICATED', message: String });
        t.ok(response.headers.get('www-authenticate'));
      }
      const stale = await signedIn(url, 'cyd@example.com');
      await stale.fetch(`${url}/api/auth/sign-out`, { method: 'POST' });
      const ended = new BrowserPage(url);
      ended.keep((await signUp(url, 'dan@example.com')).split('; ')[0] ?? '');
      const cookie = ended.cookie;
      await ended.fetch(`${url}/api/auth/sign-out`, { method: 'POST' });
      const response = await fetch(`${url}/api/tokens`, { headers: { cookie } });
      t.equal(response.status, 401, 'a session that has ended');
      t.match(await response.json(), { name: 'UNAUTHENTICATED' });
      t.match(response.headers.get('set-cookie'), /Max-Age=0/);
    });
  },
  env,
);

onEitherCastellan(
  'what Fibery’s addresses do with bad input',
  async (t, castellan) => {
    const { url } = castellan;
    const page = await signedIn(url, 'ann@example.com');
    const { value } = await newToken(page);
    await spaces(t, castellan, page, value);

    await t.test('a space is asked with JSON, and by somebody who is known', async (t) => {
      const { name } = await projectOf(url, page.cookie);
      const address = `${url}/api/graphql/space/${name}`;
      const anonymous = await fetch(address, {
        method: 'POST',
        headers: json,
        body: JSON.stringify({ query: '{ __typename }' }),
      });
      t.equal(anonymous.status, 401);
      t.equal(await codeIn(anonymous), 'UNAUTHENTICATED');
      const authorization = `Token ${value}`;
      const form = await fetch(address, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
        body: 'query={me{email}}',
      });
      t.equal(form.status, 415);
      const send = (body: string, headers = {}) =>
        fetch(address, { method: 'POST', headers: { authorization, ...json, ...headers }, body });
      t.equal((await send('{"query":')).status, 400, 'half a body');
      t.equal(await codeIn(await send('{}')), 'BAD_REQUEST', 'no query');
      t.equal(await codeIn(await send('{"query":"{ me { "}')), 'GRAPHQL_PARSE_FAILED');
      t.equal(await codeIn(await send('{"query":"{ nothing }"}')), 'GRAPHQL_VALIDATION_FAILED');
      t.equal((await send(JSON.stringify({ query: ME, x: 'x'.repeat(1_048_576) }))).status, 413);
      t.equal((await send(JSON.stringify({ query: ME }), { accept: 'image/png' })).status, 406);
      const batch = await send(JSON.stringify([{ query: ME }, { query: ME }]));
      t.match(await batch.json(), [{ data: {} }, { data: {} }]);
      const large = `{ ${Array.from({ length: 301 }, (_, index) => `a${index}: __typename`)} }`;
      t.equal(await codeIn(await send(JSON.stringify({ query: large }))), 'OPERATION_TOO_LARGE');
      t.equal((await fetch(address, { method: 'PUT', headers: { authorization } })).status, 405);
    });

    await t.test('another site’s page is refused at each address', async (t) => {
      const foreign = new BrowserPage(url, 'https://elsewhere.example');
      for (const pair of page.cookie.split('; ')) foreign.keep(pair);
      const before = await list(page);
      for (const [method, address] of [
        ['GET', '/api/tokens'],
        ['POST', '/api/tokens'],
        ['DELETE', `/api/tokens/${before[0]?.id}`],
      ] as const) {
        const response = await foreign.fetch(url + address, { method });
        t.equal(response.status, 403, method);
        t.match(await response.json(), { name: 'CSRF_REJECTED' });
      }
      const graph = await foreign.fetch(`${url}/api/graphql/space/x`, { method: 'POST' });
      t.equal(graph.status, 403);
      t.strictSame(await list(page), before);
    });

    await t.test('a token that does not hold is refused everywhere, in their form', async (t) => {
      for (const token of ['YOUR_TOKEN', `${value.slice(0, -1)}!`, `${value}x`, `x ${value}`]) {
        const answer = await curl(`${url}/api/tokens`, '-H', `Authorization: Token ${token}`);
        t.equal(answer.status, 401);
        t.match(answer.json(), { name: 'UNAUTHENTICATED' });
        t.notMatch(answer.body, token);
      }
    });

    await t.test('the token routes say what is wrong with a body', async (t) => {
      const post = (body: string, contentType = 'application/json') =>
        page.fetch(`${url}/api/tokens`, {
          method: 'POST',
          headers: { 'content-type': contentType },
          body,
        });
      const bad = async (body: string, contentType?: string) => {
        const response = await post(body, contentType);
        return [response.status, ((await response.json()) as { name: string }).name];
      };
      t.strictSame(await bad('{'), [400, 'BAD_REQUEST']);
      t.strictSame(await bad('[]'), [400, 'BAD_REQUEST']);
      t.strictSame(await bad('{"name":7}'), [400, 'BAD_REQUEST']);
      t.strictSame(await bad('{"name":""}'), [400, 'BAD_REQUEST']);
      t.strictSame(await bad('{"scopes":["admin"]}'), [400, 'BAD_REQUEST']);
      t.strictSame(await bad('{"name":"a\\u0000b"}'), [400, 'BAD_USER_INPUT']);
      t.strictSame(await bad('name=x', 'application/x-www-form-urlencoded'), [
        415,
        'UNSUPPORTED_MEDIA_TYPE',
      ]);
      t.strictSame(await bad(JSON.stringify({ name: 'x'.repeat(1_048_576) })), [
        413,
        'PAYLOAD_TOO_LARGE',
      ]);
      const named = await post('{"name":"console"}');
      t.equal(named.status, 201);
      t.match(await named.json(), { name: 'console', value: /^cst_/ });
    });

    await t.test('an unknown token and one of somebody else are the same 404', async (t) => {
      const other = await signedIn(url, 'bob@example.com');
      const theirs = await newToken(other);
      const bodies = [];
      for (const id of ['token_id', 'key_0000000000000000000000', theirs.id, 'a%00b', '%']) {
        const response = await page.fetch(`${url}/api/tokens/${id}`, { method: 'DELETE' });
        if (id !== '%') bodies.push([response.status, await response.json()]);
      }
      for (const each of bodies)
        t.strictSame(each, [404, { name: 'NOT_FOUND', message: 'Not found' }]);
      t.equal((await list(other)).length, 1);
    });

    await t.test('more tokens than are allowed are refused', async (t) => {
      const other = await signedIn(url, 'eve@example.com');
      for (let made = 0; made < 5; made += 1) await newToken(other);
      const response = await other.fetch(`${url}/api/tokens`, { method: 'POST' });
      t.equal(response.status, 409);
      t.match(await response.json(), { name: 'KEY_LIMIT_REACHED', message: /5 live API keys/ });
    });
  },
  env,
);

/** The space in the address is a project that the caller may use. */
async function spaces(t: Test, { url }: RunningCastellan, page: BrowserPage, token: string) {
  const own = await projectOf(url, page.cookie);
  const { cookie } = page;
  const mutate = async <T>(source: string, variables: object): Promise<T> => {
    const { data, errors } = await ask(url, source, { headers: { cookie }, variables });
    if (errors) throw new Error(errors[0]?.message);
    return data as T;
  };
  const other = await signedIn(url, 'foreign@example.com');
  const foreign = await projectOf(url, other.cookie);
  const second = (
    await mutate<{ createProject: { id: string } }>(
      'mutation ($input: CreateProjectInput!) { createProject(input: $input) { id } }',
      { input: { name: 'Zweites Projekt' } },
    )
  ).createProject;

  await t.test('an unknown space and a foreign one are the same error', async (t) => {
    const answers = [];
    for (const space of [
      'YOUR_SPACE',
      foreign.id,
      'proj_0000000000000000000000',
      'a\0b',
      'ü'.repeat(90),
    ]) {
      const response = await inSpace(url, space, token);
      answers.push([response.status, await response.json()]);
    }
    for (const each of answers) {
      t.match(each, [404, { errors: [{ extensions: { code: 'NOT_FOUND' } }] }]);
      t.strictSame(each, answers[0]);
    }
  });

  await t.test('a bad token is refused before the space is looked at', async (t) => {
    for (const space of [own.name, 'YOUR_SPACE', foreign.id]) {
      t.equal((await inSpace(url, space, 'YOUR_TOKEN')).status, 401);
    }
  });

  await t.test('the caller is in the space, and sees no other of their projects', async (t) => {
    const query = '{ organizations { nodes { projects { id environments { name } } } } }';
    for (const [space, id] of [
      [own.name, own.id],
      ['zweites projekt', second.id],
    ] as const) {
      const response = await inSpace(url, space, token, query);
      t.strictSame(await response.json(), {
        data: {
          organizations: { nodes: [{ projects: [{ id, environments: [{ name: 'master' }] }] }] },
        },
      });
    }
  });

  await t.test('a key that is bound to projects is for their spaces alone', async (t) => {
    const third = (
      await mutate<{ createProject: { id: string } }>(
        'mutation ($input: CreateProjectInput!) { createProject(input: $input) { id } }',
        { input: { name: 'third' } },
      )
    ).createProject;
    const bound = async (input: object) =>
      (
        await mutate<{ createAPIKey: { key: string } }>(
          'mutation ($input: CreateAPIKeyInput!) { createAPIKey(input: $input) { key } }',
          { input: { name: 'bound', permissions: ['READ'], ...input } },
        )
      ).createAPIKey.key;
    const one = await bound({ projectIds: [second.id] });
    const two = await bound({ projectIds: [second.id, third.id] });
    const statuses = async (key: string) =>
      Promise.all(
        [own.id, second.id, third.id].map(async (id) => (await inSpace(url, id, key)).status),
      );
    t.strictSame(await statuses(one), [404, 200, 404]);
    t.strictSame(await statuses(two), [404, 200, 200]);
    await mutate('mutation ($id: ID!) { deleteProject(id: $id) }', { id: third.id });
    t.strictSame(await statuses(two), [404, 200, 404], 'at once when a project is deleted');
  });

  await t.test('a new project can be asked at once, though it was asked for before', async (t) => {
    t.equal((await inSpace(url, 'soon', token)).status, 404);
    await mutate('mutation ($input: CreateProjectInput!) { createProject(input: $input) { id } }', {
      input: { name: 'soon' },
    });
    t.equal((await inSpace(url, 'soon', token)).status, 200);
  });
}

t.test('without its name in CASTELLAN_DIALECTS nothing of a dialect is there', async (t) => {
  const { url, facts } = await startWhole(t, {
    url: undefined,
    file: path.join(t.testdir(), 'castellan.db'),
  });
  const key = facts.get('API key') ?? '';
  t.equal((await inSpace(url, 'demo', key)).status, 404);
  for (const address of ['/api/tokens', '/api/v1/agents', '/openapi.json']) {
    const response = await fetch(url + address, bearer(key));
    t.equal(response.status, 404, address);
  }
});
