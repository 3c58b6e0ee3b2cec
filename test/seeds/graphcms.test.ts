import { ApolloClient, createHttpLink, gql, InMemoryCache } from '@apollo/client';
import { setContext } from '@apollo/client/link/context';
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { ask, signUp } from '#test/support/client.ts';
import { onEitherCastellan } from '#test/support/running-castellan.ts';
import { curl } from './support/curl.ts';

const env = { CASTELLAN_DIALECTS: 'graphcms' };
const POSTS = '{ posts { id slug stage locale } }';

interface Post {
  readonly id: string;
  readonly slug: string;
  readonly stage: string;
  readonly locale: string;
}

interface GraphAnswer {
  readonly status: number;
  readonly data?: { readonly posts?: readonly Post[] | null } & Record<string, unknown>;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions: { readonly code: string };
  }[];
}

interface Place {
  readonly organizationId: string;
  readonly projectId: string;
  readonly environmentId: string;
}

/** One person's project, and the ways to it. */
async function startProject(url: string, email: string) {
  const cookie = await signUp(url, email);
  const manage = async <T>(source: string, variables = {}): Promise<T> => {
    const { data, errors } = await ask(url, source, { headers: { cookie }, variables });
    if (errors !== undefined) throw new Error(`${errors[0]?.message}: ${source}`);
    return data as T;
  };
  const { organizations } = await manage<{
    organizations: {
      nodes: { id: string; projects: { id: string; environments: { id: string }[] }[] }[];
    };
  }>('{ organizations { nodes { id projects { id environments { id } } } } }');
  const [organization] = organizations.nodes;
  const [project] = organization?.projects ?? [];
  const place: Place = {
    organizationId: organization?.id ?? '',
    projectId: project?.id ?? '',
    environmentId: project?.environments[0]?.id ?? '',
  };
  const endpoint = `${url}/v2/${place.projectId}/master`;
  const send = async (
    body: object,
    headers: Record<string, string> = {},
    at = endpoint,
  ): Promise<GraphAnswer> => {
    const response = await fetch(at, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, ...((await response.json()) as object) };
  };
  const createKey = async (input: object): Promise<string> => {
    const { createAPIKey } = await manage<{ createAPIKey: { key: string } }>(
      'mutation ($input: CreateAPIKeyInput!) { createAPIKey(input: $input) { key } }',
      { input: { name: 'token', ...input } },
    );
    return createAPIKey.key;
  };
  return { ...place, cookie, endpoint, manage, send, createKey };
}

type Project = Awaited<ReturnType<typeof startProject>>;

const setPublic = ({ manage, environmentId }: Project, grants: object[], allowMutations = false) =>
  manage(
    `mutation ($id: ID!, $grants: [GrantInput!]!, $allow: Boolean) {
      setPublicPermissions(environmentId: $id, grants: $grants, allowMutations: $allow) { id } }`,
    { id: environmentId, grants, allow: allowMutations },
  );

/** Posts of the organization, in each stage and language. */
async function writePosts({ send, cookie }: Project): Promise<void> {
  for (const locale of ['en', 'de']) {
    for (const stage of ['DRAFT', 'QA', 'PUBLISHED']) {
      const slug = `my-${stage.toLowerCase()}-${locale}`;
      const input = {
        title: slug,
        body: 'text',
        slug,
        locale,
        stage: stage === 'QA' ? 'QA' : 'DRAFT',
      };
      const made = await send(
        {
          query: 'mutation ($input: CreatePostInput!) { createPost(input: $input) { id } }',
          variables: { input },
        },
        { cookie },
      );
      if (made.data === undefined) throw new Error(made.errors?.[0]?.message);
      if (stage !== 'PUBLISHED') continue;
      const { id } = made.data.createPost as { id: string };
      await send(
        {
          query: 'mutation ($id: ID!) { publishPost(id: $id) { stage } }',
          variables: { id },
        },
        { cookie },
      );
    }
  }
}

const code = ({ errors }: GraphAnswer): unknown => errors?.[0]?.extensions.code;
const bearerOf = (key: string) => ({ authorization: `Bearer ${key}` });
/** The stages and languages of an answer, each once. */
const seen = ({ data }: GraphAnswer) =>
  [...new Set((data?.posts ?? []).map(({ stage, locale }) => `${stage} ${locale}`))].sort();

onEitherCastellan(
  'what the page of GraphCMS promises',
  async (t, { url }) => {
    const project = await startProject(url, 'ann@example.com');
    const { send, createKey, manage, environmentId, endpoint, projectId, cookie } = project;
    await writePosts(project);
    const all = await createKey({ permissions: ['READ', 'WRITE'] });
    let narrow = '';

    await t.test('nobody gets in without a token, until that is opened', async (t) => {
      for (const query of [POSTS, 'mutation { deletePost(id: "x") { id } }']) {
        const answer = await send({ query });
        t.strictSame([answer.status, code(answer)], [401, 'UNAUTHENTICATED']);
      }
    });

    await t.test('a permanent token is a Bearer token', async (t) => {
      const answer = await curl(
        '-H',
        `Authorization: Bearer ${all}`,
        '-H',
        'Content-Type: application/json',
        '-d',
        JSON.stringify({ query: POSTS }),
        endpoint,
      );
      t.equal(answer.status, 200);
      t.ok(seen(answer.json<GraphAnswer>()).includes('PUBLISHED en'));
      t.equal((await send({ query: POSTS }, { authorization: all })).status, 401);
      t.equal((await send({ query: POSTS }, bearerOf('garbage'))).status, 401);
    });

    await t.test('Apollo Client asks the endpoint with the token', async (t) => {
      const authLink = setContext(() => ({ headers: bearerOf(all) }));
      const client = new ApolloClient({
        link: authLink.concat(createHttpLink({ uri: endpoint })),
        cache: new InMemoryCache(),
      });
      t.teardown(() => client.stop());
      const { data } = await client.query<{ posts: Post[] }>({ query: gql(POSTS) });
      t.ok((data?.posts.length ?? 0) > 0);
    });

    await t.test('PUBLISHED is served where no stage is named', async (t) => {
      t.strictSame(seen(await send({ query: POSTS }, bearerOf(all))), [
        'PUBLISHED de',
        'PUBLISHED en',
      ]);
    });

    await t.test('another stage is named by an argument or a header', async (t) => {
      const asked = await send({ query: '{ posts(stage: QA) { stage locale } }' }, bearerOf(all));
      t.strictSame(seen(asked), ['QA de', 'QA en']);
      const headers = { ...bearerOf(all), 'gcms-stage': 'DRAFT' };
      t.strictSame(seen(await send({ query: POSTS }, headers)), ['DRAFT de', 'DRAFT en']);
      const both = await send({ query: '{ posts(stage: QA) { stage locale } }' }, headers);
      t.strictSame(seen(both), ['QA de', 'QA en'], 'the argument comes first');
    });

    await t.test('languages are named by a header', async (t) => {
      const asked = (locales: string) =>
        send({ query: POSTS }, { ...bearerOf(all), 'gcms-locales': locales });
      t.strictSame(seen(await asked('de')), ['PUBLISHED de']);
      t.strictSame(seen(await asked('de, en')), ['PUBLISHED de', 'PUBLISHED en']);
      t.strictSame(seen(await asked('fr')), []);
    });

    await t.test('requests that differ in a header alone share no answer', async (t) => {
      const wishes = ['DRAFT', 'QA', 'PUBLISHED'].flatMap((stage) =>
        ['en', 'de'].map((locale) => ({ stage, locale })),
      );
      const answers = await Promise.all(
        [...wishes, ...wishes].map(({ stage, locale }) =>
          send({ query: POSTS }, { ...bearerOf(all), 'gcms-stage': stage, 'gcms-locales': locale }),
        ),
      );
      t.strictSame(
        answers.map((each) => seen(each)),
        [...wishes, ...wishes].map(({ stage, locale }) => [`${stage} ${locale}`]),
      );
    });

    await t.test('the default stage of an environment can be another one', async (t) => {
      const set =
        'mutation ($id: ID!, $stage: String!) { setDefaultStage(environmentId: $id, stage: $stage) { id } }';
      await manage(set, { id: environmentId, stage: 'QA' });
      t.strictSame(seen(await send({ query: POSTS }, bearerOf(all))), ['QA de', 'QA en']);
      await manage(set, { id: environmentId, stage: 'PUBLISHED' });
    });

    await t.test('READ of Post can be open on PUBLISHED and QA in en', async (t) => {
      await setPublic(project, [
        { actions: ['READ'], on: 'Post', stages: ['PUBLISHED', 'QA'], locales: ['en'] },
      ]);
      t.strictSame(seen(await send({ query: POSTS })), ['PUBLISHED en']);
      t.strictSame(seen(await send({ query: POSTS }, { 'gcms-stage': 'QA' })), ['QA en']);
      const german = { 'gcms-stage': 'QA', 'gcms-locales': 'de' };
      for (const headers of [{ 'gcms-stage': 'DRAFT' }, german]) {
        const refused = await send({ query: POSTS }, headers);
        t.equal(code(refused), 'UNAUTHENTICATED', JSON.stringify(headers));
        t.strictSame(seen(refused), []);
      }
      const both = { 'gcms-stage': 'QA', 'gcms-locales': 'de,en' };
      t.strictSame(seen(await send({ query: POSTS }, both)), ['QA en']);
      const named = await send({ query: '{ posts(stage: DRAFT) { stage locale } }' });
      t.equal(code(named), 'UNAUTHENTICATED');
      const mutation = await send({ query: 'mutation { deletePost(id: "x") { id } }' });
      t.equal(code(mutation), 'UNAUTHENTICATED', 'mutations are opened separately');
      const elsewhere = await send({ query: POSTS }, {}, `${url}/graphql`);
      t.equal(elsewhere.status, 401, 'at this endpoint alone');
    });

    await t.test('a condition leaves one post open', async (t) => {
      const [post] = (await send({ query: POSTS }, bearerOf(all))).data?.posts ?? [];
      await setPublic(project, [{ actions: ['READ'], on: 'Post', where: { id: post?.id } }]);
      const open = await send({ query: POSTS });
      t.strictSame(
        open.data?.posts?.map(({ id }) => id),
        [post?.id],
      );
      const query = 'query ($id: ID!) { post(id: $id) { slug } }';
      const one = await send({ query, variables: { id: post?.id } });
      t.match(one.data, { post: { slug: post?.slug } });
      const other = (await send({ query: POSTS }, bearerOf(all))).data?.posts?.[1];
      const refused = await send({ query, variables: { id: other?.id } });
      t.notOk(refused.data?.post, 'and no other');
    });

    await t.test('the defaults open what is published to be read', async (t) => {
      await setPublic(project, []);
      const init = 'mutation ($id: ID!) { initializePublicPermissions(environmentId: $id) { id } }';
      await manage(init, { id: environmentId });
      t.strictSame(seen(await send({ query: POSTS })), ['PUBLISHED de', 'PUBLISHED en']);
      t.equal(code(await send({ query: POSTS }, { 'gcms-stage': 'DRAFT' })), 'UNAUTHENTICATED');
      await manage(init, { id: environmentId });
      await setPublic(project, [{ actions: ['READ'], on: 'Post' }]);
      const variables = { id: environmentId };
      const { errors } = await ask(url, init, { headers: { cookie }, variables });
      t.equal(errors?.[0]?.extensions.code, 'BAD_USER_INPUT', 'what was set by hand stays');
    });

    await t.test('mutations are open only to whoever was let', async (t) => {
      const input = { title: 'x', body: 'x', slug: 'made-by-nobody', locale: 'en' };
      const create = {
        query: 'mutation ($input: CreatePostInput!) { createPost(input: $input) { id stage } }',
        variables: { input },
      };
      t.equal(code(await send(create)), 'UNAUTHENTICATED');
      await setPublic(project, [{ actions: ['READ', 'CREATE'], on: 'Post' }], true);
      t.match((await send(create)).data, { createPost: { stage: 'DRAFT' } });
      await setPublic(project, []);
      t.equal(code(await send(create)), 'UNAUTHENTICATED', 'and from the next request on no more');
    });

    await t.test('a token can be for one kind of action', async (t) => {
      const drafts = await createKey({
        grants: [{ actions: ['READ'], on: 'Post', stages: ['DRAFT'] }],
      });
      const preview = { ...bearerOf(drafts), 'gcms-stage': 'DRAFT' };
      t.strictSame(seen(await send({ query: POSTS }, preview)), ['DRAFT de', 'DRAFT en']);
      t.equal(code(await send({ query: POSTS }, bearerOf(drafts))), 'FORBIDDEN');
      const write = { query: 'mutation { deletePost(id: "x") { id } }' };
      t.equal(code(await send(write, bearerOf(drafts))), 'FORBIDDEN');

      const writer = await createKey({
        grants: [{ actions: ['CREATE', 'UPDATE', 'PUBLISH', 'UNPUBLISH', 'DELETE'], on: 'Post' }],
      });
      const run = async (query: string, variables: object) => {
        const answer = await send({ query, variables }, bearerOf(writer));
        t.equal(answer.errors, undefined, query);
        return answer.data as Record<string, { id: string }>;
      };
      const input = { title: 'x', body: 'x', slug: 'server-side', locale: 'en' };
      const made = await run(
        'mutation ($input: CreatePostInput!) { createPost(input: $input) { id } }',
        { input },
      );
      const id = made.createPost?.id;
      const title = { input: { title: 'y' }, id };
      await run(
        'mutation ($id: ID!, $input: UpdatePostInput!) { updatePost(id: $id, input: $input) { id } }',
        title,
      );
      for (const name of ['publishPost', 'unpublishPost', 'deletePost']) {
        await run(`mutation ($id: ID!) { ${name}(id: $id) { id } }`, { id });
      }
      t.equal(
        code(await send({ query: POSTS }, bearerOf(writer))),
        'FORBIDDEN',
        'it reads nothing',
      );
    });

    await t.test('each environment has an endpoint of its own', async (t) => {
      const { createEnvironment } = await manage<{ createEnvironment: { id: string } }>(
        'mutation ($input: CreateEnvironmentInput!) { createEnvironment(input: $input) { id } }',
        { input: { projectId, name: 'staging' } },
      );
      const staging = `${url}/v2/${projectId}/staging`;
      const bound = await createKey({
        permissions: ['READ'],
        environments: [createEnvironment.id],
      });
      t.equal((await send({ query: POSTS }, bearerOf(bound), staging)).status, 200);
      const byId = `${url}/v2/${projectId}/${createEnvironment.id}`;
      t.equal((await send({ query: POSTS }, bearerOf(bound), byId)).status, 200);
      const elsewhere = await send({ query: POSTS }, bearerOf(bound));
      t.strictSame([elsewhere.status, code(elsewhere)], [404, 'NOT_FOUND']);
      await setPublic({ ...project, environmentId: createEnvironment.id }, [
        { actions: ['READ'], on: 'Post' },
      ]);
      t.equal((await send({ query: POSTS }, {}, staging)).status, 200);
      t.equal((await send({ query: POSTS })).status, 401, 'what is open there is not open here');
    });

    await t.test('what is no endpoint is told', async (t) => {
      const foreign = await startProject(url, 'bob@example.com');
      const places = [
        `${projectId}/nothing`,
        `project_nothing/master`,
        `${projectId}/${foreign.environmentId}`,
        `${projectId}%00/master`,
        `${'x'.repeat(90)}/${'y'.repeat(90)}`,
      ];
      for (const place of places) {
        for (const headers of [{}, bearerOf(all)]) {
          const answer = await send({ query: POSTS }, headers, `${url}/v2/${place}`);
          t.strictSame([answer.status, code(answer)], [404, 'NOT_FOUND'], place);
        }
      }
      const others = await send({ query: POSTS }, bearerOf(all), foreign.endpoint);
      t.strictSame([others.status, code(others)], [404, 'NOT_FOUND'], 'somebody else’s');
    });

    await t.test('anybody may ask for the schema here, and runs nothing by it', async (t) => {
      const { data } = await send({ query: getIntrospectionQuery() });
      const schema = buildClientSchema(data as unknown as IntrospectionQuery);
      t.ok(schema.getType('Post'));
      t.ok(schema.getMutationType()?.getFields().createPost);
      t.notOk(schema.getQueryType()?.getFields().authLogin, 'what is off is not there');
      const mixed = await send({ query: '{ __schema { queryType { name } } posts { id } }' });
      t.equal(code(mixed), 'UNAUTHENTICATED');
      t.notOk(mixed.data?.posts);
      const elsewhere = await send({ query: getIntrospectionQuery() }, {}, `${url}/graphql`);
      t.equal(elsewhere.status, 401, 'elsewhere it follows rights');
      narrow = await createKey({ grants: [{ actions: ['READ'], on: 'Post' }] });
      const here = await send({ query: '{ __type(name: "Mutation") { name } }' }, bearerOf(narrow));
      t.match(here.data, { __type: { name: 'Mutation' } });
      const there = await ask(url, '{ __type(name: "Mutation") { name } }', {
        headers: bearerOf(narrow),
      });
      t.strictSame(there.data, { __type: null });
    });

    await t.test('bad input is told in the same form as everywhere', async (t) => {
      const table: [headers: Record<string, string>, code: string][] = [
        [{ 'gcms-stage': 'draft' }, 'BAD_USER_INPUT'],
        [{ 'gcms-stage': 'a b' }, 'BAD_REQUEST'],
        [{ 'gcms-stage': 'DRAFT,QA' }, 'BAD_REQUEST'],
        [{ 'gcms-stage': '' }, 'BAD_REQUEST'],
        [{ 'gcms-stage': 'NOTHING' }, 'BAD_USER_INPUT'],
        [{ 'gcms-locales': 'en;de' }, 'BAD_REQUEST'],
        [{ 'gcms-locales': '' }, 'BAD_REQUEST'],
        [{ 'gcms-locales': Array.from({ length: 30 }, () => 'en').join(',') }, 'BAD_REQUEST'],
        [{ 'content-type': 'text/plain' }, 'UNSUPPORTED_MEDIA_TYPE'],
        [{ cookie, authorization: '', origin: 'https://evil.example' }, 'CSRF_REJECTED'],
      ];
      for (const [headers, expected] of table) {
        const { authorization = `Bearer ${all}`, ...others } = headers;
        const answer = await send(
          { query: POSTS },
          { ...(authorization && { authorization }), ...others },
        );
        t.equal(code(answer), expected, JSON.stringify(headers).slice(0, 100));
      }
      t.equal(code(await send({}, bearerOf(all))), 'BAD_REQUEST');
      const large = { query: POSTS, variables: { text: 'x'.repeat(3_000_000) } };
      t.equal((await send(large, bearerOf(all))).status, 413);
      const { apiKeys } = await manage<{ apiKeys: { nodes: { id: string }[] } }>(
        '{ apiKeys(first: 1) { nodes { id } } }',
      );
      const [newest] = apiKeys.nodes;
      t.equal((await send({ query: POSTS }, bearerOf(narrow))).status, 200);
      await manage('mutation ($id: ID!) { revokeAPIKey(id: $id) { id } }', { id: newest?.id });
      t.equal(code(await send({ query: POSTS }, bearerOf(narrow))), 'UNAUTHENTICATED');
    });

    await t.test('GET asks as well, and changes nothing', async (t) => {
      const at = (query: string) =>
        fetch(`${endpoint}?query=${encodeURIComponent(query)}`, { headers: bearerOf(all) });
      t.equal((await at(POSTS)).status, 200);
      t.equal((await at('mutation { deletePost(id: "x") { id } }')).status, 405);
    });
  },
  env,
);
