import { ApolloClient, createHttpLink, gql, InMemoryCache } from '@apollo/client';
import { setContext } from '@apollo/client/link/context';
import { ask, bearer, type ClientAnswer, signUp } from '#test/support/client.ts';
import { onEitherCastellan } from '#test/support/running-castellan.ts';
import { curl } from './support/curl.ts';
import { python, pythonWith } from './support/python.ts';

const UNAUTHENTICATED = {
  errors: [
    {
      message: 'You must be authenticated to perform this action',
      extensions: { code: 'UNAUTHENTICATED' },
    },
  ],
};
const FORBIDDEN = {
  message: 'You do not have permission to perform this action',
  extensions: { code: 'FORBIDDEN' },
};

const CREATE = `mutation CreateAPIKey($input: CreateAPIKeyInput!) {
  createAPIKey(input: $input) { id key name createdAt expiresAt }
}`;
const REVOKE = 'mutation RevokeAPIKey($id: ID!) { revokeAPIKey(id: $id) { id revokedAt } }';
const GET_VIEWER = 'query GetViewer { viewer { id email name } }';

interface Created {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
}

const DAY_MS = 86_400_000;

onEitherCastellan('what the page of Flybox promises', async (t, { url, output }) => {
  const cookie = await signUp(url, 'ann@example.com');
  const session = { headers: { cookie } };
  const create = async (input: object, by = session): Promise<Created> => {
    const { data, errors } = await ask(url, CREATE, { ...by, variables: { input } });
    if (errors) throw new Error(JSON.stringify(errors));
    return (data as { createAPIKey: Created }).createAPIKey;
  };
  const revoke = (id: string) => ask(url, REVOKE, { ...session, variables: { id } });
  const { key } = await create({ name: 'server', permissions: ['READ', 'WRITE'] });
  const viewer = { id: String, email: 'ann@example.com', name: 'Somebody' };

  await t.test(
    'a session makes a key over the API, with a name, permissions and an end',
    async (t) => {
      const made = await create({
        name: 'CI/CD Pipeline',
        permissions: ['READ', 'WRITE'],
        expiresIn: '30d',
      });
      t.match(made, { id: /^key_/, key: /^cst_/, name: 'CI/CD Pipeline' });
      const life = Date.parse(made.expiresAt ?? '') - Date.parse(made.createdAt);
      t.equal(life, 30 * DAY_MS);
      await revoke(made.id);
    },
  );

  await t.test('the whole key is shown once', async (t) => {
    const made = await create({ name: 'secret' });
    const { data } = await ask(url, '{ apiKeys { nodes { id name prefix } } }', session);
    const text = JSON.stringify(data);
    t.match(text, made.id);
    t.notMatch(text, made.key);
    const body = made.key.slice(made.key.lastIndexOf('_') + 1);
    t.notMatch(output(), body, 'nor is it in a log');
    const asked = await ask(url, `{ apiKey(id: "${made.id}") { key } }`, session);
    t.equal(asked.errors?.[0]?.extensions.code, 'GRAPHQL_VALIDATION_FAILED');
    await revoke(made.id);
  });

  await t.test('there are keys of three types, which do what their types say', async (t) => {
    const typed = async (input: object) => {
      const made = await create({ name: 'typed', ...input });
      const { data } = await ask(url, `{ apiKey(id: "${made.id}") { type } }`, session);
      const read = await ask(url, GET_VIEWER, bearer(made.key));
      const write = await ask(
        url,
        'mutation { createPost(input: { title: "t", body: "b", slug: "s", locale: "en" }) { id } }',
        bearer(made.key),
      );
      await revoke(made.id);
      const isRead = (read.data as { viewer?: unknown } | undefined)?.viewer;
      return {
        type: (data as { apiKey: { type: string } }).apiKey.type,
        reads: isRead !== undefined && isRead !== null,
        writes: codes(write)[0] ?? 'yes',
      };
    };
    t.strictSame(await typed({ permissions: ['READ', 'WRITE'] }), {
      type: 'FULL_ACCESS',
      reads: true,
      writes: 'yes',
    });
    t.strictSame(await typed({ permissions: ['READ'] }), {
      type: 'READ_ONLY',
      reads: true,
      writes: 'FORBIDDEN',
    });
    t.strictSame(await typed({ grants: [{ actions: ['READ'], on: 'Post' }] }), {
      type: 'SCOPED',
      reads: false,
      writes: 'FORBIDDEN',
    });
  });

  await t.test('curl gets the viewer', async (t) => {
    const answer = await curl(
      '-X',
      'POST',
      `${url}/graphql`,
      '-H',
      'Content-Type: application/json',
      '-H',
      `Authorization: Bearer ${key}`,
      '-d',
      '{"query": "{ viewer { id email } }"}',
    );
    t.equal(answer.status, 200);
    t.match(answer.json(), { data: { viewer: { id: String, email: 'ann@example.com' } } });
  });

  await t.test('fetch gets the viewer', async (t) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` },
      body: JSON.stringify({ query: `\n  ${GET_VIEWER}\n` }),
    });
    t.match(await response.json(), { data: { viewer } });
  });

  await t.test('Python gets the viewer', async (t) => {
    const kind = await pythonWith();
    t.comment(`Python: ${kind ?? 'none on this machine'}`);
    if (kind === null) return;
    const script = kind === 'requests' ? WITH_REQUESTS : WITH_STANDARD_LIBRARY;
    const env = { URL: `${url}/graphql`, KEY: key, QUERY: GET_VIEWER };
    t.match(await python(script, env), { data: { viewer } });
  });

  await t.test('Apollo Client gets the viewer', async (t) => {
    const httpLink = createHttpLink({ uri: `${url}/graphql` });
    const authLink = setContext((_, { headers }) => ({
      headers: { ...headers, authorization: `Bearer ${key}` },
    }));
    const client = new ApolloClient({
      link: authLink.concat(httpLink),
      cache: new InMemoryCache(),
    });
    t.teardown(() => client.stop());
    const { data } = await client.query({ query: gql(GET_VIEWER) });
    t.match(data, { viewer });
  });

  await t.test('a key is rotated by hand without a request that fails', async (t) => {
    const old = await create({ name: 'before' });
    const works = async (text: string) => (await ask(url, GET_VIEWER, bearer(text))).status === 200;
    t.ok(await works(old.key));
    const fresh = await create({ name: 'after' });
    t.ok((await works(old.key)) && (await works(fresh.key)), 'both work for a while');
    const revoked = await revoke(old.id);
    const { revokeAPIKey } = revoked.data as { revokeAPIKey: { id: string; revokedAt: string } };
    t.equal(revokeAPIKey.id, old.id);
    t.equal(new Date(revokeAPIKey.revokedAt).toJSON(), revokeAPIKey.revokedAt);
    t.notOk(await works(old.key));
    t.ok(await works(fresh.key));
    t.equal(codes(await revoke(old.id))[0], 'ALREADY_REVOKED', 'revoking it twice');
    await revoke(fresh.id);
  });

  await t.test('each cause of UNAUTHENTICATED is told in the same words', async (t) => {
    const revoked = await create({ name: 'revoked' });
    await revoke(revoked.id);
    const ended = await create({
      name: 'ended',
      expiresAt: new Date(Date.now() + 1_000).toISOString(),
    });
    while ((await ask(url, GET_VIEWER, bearer(ended.key))).status !== 401);
    const causes = {
      'no header': undefined,
      'two spaces': `Bearer  ${key}`,
      'a space behind': `Bearer ${key} x`,
      'a character too few': `Bearer ${key.slice(0, -1)}`,
      'a character too many': `Bearer ${key}x`,
      'no scheme': key,
      'another scheme': `Basic ${key}`,
      'nothing but the scheme': 'Bearer',
      expired: `Bearer ${ended.key}`,
      revoked: `Bearer ${revoked.key}`,
    };
    for (const [cause, authorization] of Object.entries(causes)) {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const answer = await ask(url, GET_VIEWER, { headers });
      t.equal(answer.status, 401, cause);
      t.strictSame(JSON.parse(answer.text), UNAUTHENTICATED, cause);
    }
  });

  await t.test('each cause of FORBIDDEN is told in the same words', async (t) => {
    const reads = await create({ name: 'reads', permissions: ['READ'] });
    const writes = await create({ name: 'writes', permissions: ['READ', 'WRITE'] });
    const other = await signUp(url, 'bob@example.com');
    const { data } = await ask(
      url,
      '{ organizations { nodes { projects { environments { id } } } } }',
      { headers: { cookie: other } },
    );
    const [id] = JSON.stringify(data).match(/env\w+/) ?? [];
    const lacks = await ask(url, CREATE, {
      ...bearer(reads.key),
      variables: { input: { name: 'x' } },
    });
    const elevated = await ask(url, CREATE, {
      ...bearer(writes.key),
      variables: { input: { name: 'x', permissions: ['ADMIN'] } },
    });
    const foreign = await ask(url, GET_VIEWER, {
      headers: { ...bearer(writes.key).headers, 'castellan-environment': id ?? '' },
    });
    t.ok(id, 'there is an environment of somebody else');
    for (const [cause, answer] of Object.entries({ lacks, elevated, foreign })) {
      t.match(answer.errors?.[0], FORBIDDEN, cause);
      t.equal(answer.errors?.length, 1, cause);
    }
    for (const made of [reads, writes]) await revoke(made.id);
  });

  await t.test('what is wrong with the input of a key is said of its argument', async (t) => {
    const bad: readonly (readonly [object, string])[] = [
      [{ name: '' }, 'BAD_USER_INPUT'],
      [{ name: 'x', expiresIn: 'soon' }, 'BAD_USER_INPUT'],
      [{ name: 'x', expiresIn: '99y' }, 'BAD_USER_INPUT'],
      [{ name: 'x', permissions: ['ROOT'] }, 'BAD_USER_INPUT'],
      [{ permissions: ['READ'] }, 'BAD_USER_INPUT'],
    ];
    for (const [input, code] of bad) {
      const answer = await ask(url, CREATE, { ...session, variables: { input } });
      t.equal(codes(answer)[0], code, JSON.stringify(input));
    }
    t.equal(codes(await revoke('key_0000000000000000000000'))[0], 'NOT_FOUND');
  });
});

function codes({ errors = [] }: ClientAnswer): readonly string[] {
  return errors.map(({ extensions }) => extensions.code);
}

const WITH_REQUESTS = `
import json, os, requests
response = requests.post(
    os.environ['URL'],
    headers={
        'Content-Type': 'application/json',
        'Authorization': f"Bearer {os.environ['KEY']}"
    },
    json={'query': os.environ['QUERY']}
)
print(json.dumps(response.json()))
`;
const WITH_STANDARD_LIBRARY = `
import json, os, urllib.request
request = urllib.request.Request(
    os.environ['URL'],
    data=json.dumps({'query': os.environ['QUERY']}).encode(),
    headers={
        'Content-Type': 'application/json',
        'Authorization': f"Bearer {os.environ['KEY']}"
    }
)
print(urllib.request.urlopen(request).read().decode())
`;
