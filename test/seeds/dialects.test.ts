import { ask, bearer, cookieOf } from '#test/support/client.ts';
import { onEitherCastellan } from '#test/support/running-castellan.ts';
import { BrowserPage } from './support/browser-page.ts';

const env = { CASTELLAN_DIALECTS: 'cloudbeaver,fibery,fiberwise,graphcms' };
const PASSWORD = 'violet-otter-sleeps-late';

interface GraphKey {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly status: string;
}

onEitherCastellan(
  'one caller, their keys and rights, through every dialect',
  async (t, { url }) => {
    const page = new BrowserPage(url);
    const email = 'ann@example.com';
    const fields = { email, password: PASSWORD };
    await page.submit('/api/v1/auth/register', { ...fields, confirm_password: PASSWORD });
    await page.submit('/api/v1/auth/login', fields);
    const { cookie } = page;

    const json = async (path: string, method = 'GET', body?: object, token?: string) => {
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(token === undefined ? { cookie } : { authorization: `Bearer ${token}` }),
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : JSON.parse(text) };
    };
    const graph = async (source: string, variables = {}) => {
      const { data, errors } = await ask(url, source, { headers: { cookie }, variables });
      if (errors) throw new Error(errors[0]?.message);
      return data;
    };
    const inGraph = async (): Promise<readonly GraphKey[]> => {
      const { apiKeys } = (await graph(
        '{ apiKeys { nodes { id number name prefix scopes status } } }',
      )) as { apiKeys: { nodes: GraphKey[] } };
      return apiKeys.nodes;
    };

    const spaces = (await graph('{ organizations { nodes { projects { id name } } } }')) as {
      organizations: { nodes: { projects: { id: string; name: string }[] }[] };
    };
    const project = spaces.organizations.nodes[0]?.projects[0];
    const space = project?.name ?? '';
    const inProject = (key: string, query: string, headers = {}) =>
      fetch(`${url}/v2/${project?.id}/master`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query }),
      });
    /** What each door says to a key. */
    const statuses = async (key: string) => [
      (await ask(url, '{ me { email } }', bearer(key))).status,
      (
        await fetch(`${url}/api/graphql/space/${space}`, {
          method: 'POST',
          headers: { authorization: `Token ${key}`, 'content-type': 'application/json' },
          body: '{"query":"{me{email}}"}',
        })
      ).status,
      (await inProject(key, '{me{email}}')).status,
      (await json('/api/v1/agents', 'GET', undefined, key)).status,
      (await json('/api/tokens', 'GET', undefined, key)).status,
    ];

    const ofFibery = (await json('/api/tokens', 'POST', { name: 'fibery' })).body;
    const ofFiberwise = (
      await json('/api/v1/user/api-keys', 'POST', { name: 'fiberwise', scopes: ['read:all'] })
    ).body;
    const { createAPIKey: ofGraph } = (await graph(
      'mutation { createAPIKey(input: { name: "graph", permissions: [READ] }) { id key } }',
    )) as { createAPIKey: { id: string; key: string } };
    const keys = [ofFibery.value, ofFiberwise.key, ofGraph.key];

    await t.test('each key opens every door', async (t) => {
      for (const key of keys) t.strictSame(await statuses(key), [200, 200, 200, 200, 200]);
    });

    await t.test('each list shows the same keys, with their rights', async (t) => {
      const here = await inGraph();
      t.strictSame(
        here.map(({ name }) => name),
        ['graph', 'fiberwise', 'fibery'],
      );
      const tokens = (await json('/api/tokens')).body as GraphKey[];
      t.strictSame(
        tokens.map(({ id, name, prefix }) => ({ id, name, prefix })),
        here.map(({ id, name, prefix }) => ({ id, name, prefix })),
      );
      const numbered = (await json('/api/v1/user/api-keys')).body as {
        id: number;
        name: string;
        key_prefix: string;
        scopes: string[];
      }[];
      t.strictSame(
        numbered.map(({ id, name, key_prefix, scopes }) => ({ id, name, key_prefix, scopes })),
        here.map(({ number, name, prefix, scopes }) => ({
          id: number,
          name,
          key_prefix: prefix,
          scopes,
        })),
      );
    });

    await t.test('what a key may not do, it may do nowhere', async (t) => {
      const renamed = await ask(
        url,
        'mutation { createAPIKey(input: { name: "x" }) { id } }',
        bearer(ofFiberwise.key),
      );
      t.equal(renamed.errors?.[0]?.extensions.code, 'FORBIDDEN');
      t.equal((await json('/api/tokens', 'POST', undefined, ofFiberwise.key)).status, 403);
      const body = { name: 'x', scopes: ['read:all'] };
      t.equal((await json('/api/v1/user/api-keys', 'POST', body, ofFiberwise.key)).status, 403);
    });

    await t.test('what a key was granted of contents is the same at each address', async (t) => {
      const { createAPIKey: drafts } = (await graph(
        `mutation ($grants: [GrantInput!]) {
           createAPIKey(input: { name: "drafts", grants: $grants }) { id key } }`,
        { grants: [{ actions: ['READ'], on: 'Post', stages: ['DRAFT'] }] },
      )) as { createAPIKey: { id: string; key: string } };
      const asked = (stage: string) => `{ posts(stage: ${stage}) { stage } me { email } }`;
      for (const [stage, codes] of [
        ['DRAFT', ['FORBIDDEN']],
        ['PUBLISHED', ['FORBIDDEN', 'FORBIDDEN']],
      ] as const) {
        const answers = await Promise.all([
          ask(url, asked(stage), bearer(drafts.key)),
          inProject(drafts.key, asked(stage)).then((each) => each.json()),
          fetch(`${url}/api/graphql/space/${space}`, {
            method: 'POST',
            headers: { authorization: `Token ${drafts.key}`, 'content-type': 'application/json' },
            body: JSON.stringify({ query: asked(stage) }),
          }).then((each) => each.json()),
        ]);
        for (const answer of answers) {
          const { errors } = answer as { errors: { extensions: { code: string } }[] };
          t.strictSame(
            errors.map(({ extensions }) => extensions.code),
            codes,
            stage,
          );
        }
      }
      await graph('mutation ($id: ID!) { revokeAPIKey(id: $id) { id } }', { id: drafts.id });
    });

    await t.test('a key of one door signs in at another, and the session opens all', async (t) => {
      const made = (await graph(
        'mutation { createOrganization(input: { name: "Company", slug: "company" }) { id } }',
      )) as { createOrganization: { id: string } };
      const switchTo = 'mutation ($id: ID!) { switchOrganization(id: $id) { id } }';
      await graph(switchTo, { id: made.createOrganization.id });
      const scopes = ['read:all', 'write:all', 'admin'];
      const { key, id } = (await json('/api/v1/user/api-keys', 'POST', { name: 'admin', scopes }))
        .body;
      const login = `query ($credentials: Object) {
        authLogin(provider: "token", credentials: $credentials) { authStatus } }`;
      const response = await fetch(`${url}/api/gql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: login, variables: { credentials: { token: key } } }),
      });
      t.match(await response.json(), { data: { authLogin: { authStatus: 'SUCCESS' } } });
      const headers = { cookie: cookieOf(response) };
      const tokens = (await (await fetch(`${url}/api/tokens`, { headers })).json()) as GraphKey[];
      t.strictSame(
        tokens.map(({ name }) => name),
        ['admin'],
        'it speaks for the organization of its key',
      );
      const { data } = await ask(url, '{ apiKeys { nodes { number } } }', { headers });
      t.strictSame(data, { apiKeys: { nodes: [{ number: id }] } });
      const { organizations } = (await graph('{ organizations { nodes { id } } }')) as {
        organizations: { nodes: { id: string }[] };
      };
      const other = organizations.nodes.find((node) => node.id !== made.createOrganization.id);
      await graph(switchTo, { id: other?.id });
    });

    await t.test('a key that ends by one door ends at all', async (t) => {
      const { number } = (await inGraph()).find(({ name }) => name === 'fibery') ?? { number: 0 };
      t.equal((await json(`/api/v1/user/api-keys/${number}`, 'DELETE')).status, 204);
      const { id } = (await inGraph()).find(({ name }) => name === 'fiberwise') ?? { id: '' };
      t.equal((await json(`/api/tokens/${id}`, 'DELETE')).status, 204);
      await graph('mutation ($id: ID!) { revokeAPIKey(id: $id) { id } }', { id: ofGraph.id });
      for (const key of keys) t.strictSame(await statuses(key), [401, 401, 401, 401, 401]);
      t.strictSame((await json('/api/tokens')).body, []);
      t.strictSame((await json('/api/v1/user/api-keys')).body, []);
      t.ok((await inGraph()).every(({ status }) => status === 'REVOKED'));
    });
  },
  env,
);
