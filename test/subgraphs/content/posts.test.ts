import type { Test } from 'tap';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { CLAIMS_HEADER } from '#contract/claims.ts';
import { readGrants } from '#contract/permissions/read-grants.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import { createContent } from '#subgraphs/content/app.ts';
import { contentDatabase } from '#subgraphs/content/database/tables.ts';
import { askSubgraph, codeOf } from '../support/ask-subgraph.ts';
import { createClaimsIssuer } from '../support/claims-issuer.ts';
import { onEachStore, type Store } from '../support/stores.ts';

const issuer = await createClaimsIssuer();
const reader: Caller = {
  ...anonymousCaller,
  kind: 'key',
  subject: 'user_reader',
  permissions: permissionsOf(['read:all']),
};

async function start(t: Test, store: Store) {
  const { database, dialect } = store;
  const content = await createContent({ database, dialect, claims: { keys: issuer.keys } });
  t.teardown(() => content.close());
  const ask = async (query: string, variables?: Record<string, unknown>, caller = reader) =>
    askSubgraph(
      content.app,
      { [CLAIMS_HEADER]: await issuer.mint(caller, 'content', Date.now()) },
      query,
      variables,
    );
  return { ...content, ask, tables: contentDatabase(database) };
}

interface Listed {
  readonly title: string;
  readonly stage: string;
  readonly locale: string;
  readonly createdAt: string;
  readonly publishedAt: string | null;
}

onEachStore('posts are the published ones, newest first', async (t, store) => {
  const { seed, ask } = await start(t, store);
  await seed({ userId: 'user_1' });
  const { data } = await ask(
    '{ posts { title stage locale createdAt publishedAt author { id } } }',
  );
  const posts = data?.posts as readonly Listed[];
  t.ok(posts.length >= 3);
  t.ok(posts.every(({ stage, publishedAt }) => stage === 'PUBLISHED' && publishedAt !== null));
  const times = posts.map(({ createdAt }) => createdAt);
  t.strictSame(times, [...times].sort().reverse());
  t.match(posts[0], { author: { id: 'user_1' }, createdAt: /Z$/ });
});

onEachStore('posts are asked for by stage, language and number', async (t, store) => {
  const { seed, ask } = await start(t, store);
  await seed({ userId: 'user_reader' });
  const list = async (variables: Record<string, unknown>) =>
    (
      await ask(
        'query ($stage: Stage, $locale: String, $first: Int! = 20) { posts(stage: $stage, locale: $locale, first: $first) { title stage locale publishedAt } }',
        variables,
      )
    ).data?.posts as readonly Listed[];
  for (const stage of ['DRAFT', 'QA']) {
    const posts = await list({ stage });
    t.ok(posts.length > 0);
    t.ok(posts.every((post) => post.stage === stage && post.publishedAt === null));
  }
  const german = await list({ locale: 'de', stage: 'QA' });
  t.ok(german.length > 0 && german.every(({ locale }) => locale === 'de'));
  t.equal((await list({ first: 2 })).length, 2);
  t.strictSame(await list({ locale: 'xx' }), []);
});

onEachStore('who wrote a post finds it by its id, at any stage', async (t, store) => {
  const { seed, ask } = await start(t, store);
  await seed({ userId: 'user_reader' });
  const query = 'query ($id: ID!) { post(id: $id) { id slug } }';
  const slug = 'the-secret-passage';
  t.strictSame((await ask(query, { id: `post_${slug}` })).data, {
    post: { id: `post_${slug}`, slug },
  });
  t.strictSame((await ask(query, { id: 'none' })).data, { post: null });
});

onEachStore(
  'what is not published is for whoever wrote it, by every way to it',
  async (t, store) => {
    const { seed, ask } = await start(t, store);
    await seed({ userId: 'user_1' });
    const author = { ...reader, subject: 'user_1' };
    const nobody = { ...anonymousCaller, permissions: reader.permissions };
    const hidden = [
      'post_changing-the-locks',
      'post_schloesser-wechseln',
      'post_the-secret-passage',
    ];
    const ids = [...hidden, 'post_welcome', 'none'];
    const query = `query ($r: [_Any!]!, $u: [_Any!]!) {
    drafts: posts(stage: DRAFT) { id }
    checked: posts(stage: QA) { id }
    ${ids.map((id, index) => `p${index}: post(id: "${id}") { id }`).join('\n')}
    entities: _entities(representations: $r) { ... on Post { id } }
    people: _entities(representations: $u) {
      ... on User { drafts: posts(stage: DRAFT) { id } checked: posts(stage: QA) { id } posts { id } }
    }
  }`;
    const variables = {
      r: ids.map((id) => ({ __typename: 'Post', id })),
      u: [{ __typename: 'User', id: 'user_1' }],
    };
    // In one turn of the event loop: what one may see must not reach the others.
    const [stranger, anonymous, own] = await Promise.all(
      [reader, nobody, author].map((caller) => ask(query, variables, caller)),
    );
    const welcome = { id: 'post_welcome' };
    for (const answer of [stranger, anonymous]) {
      t.equal(answer?.errors, undefined, 'as if there were none');
      t.match(answer?.data, {
        drafts: [],
        checked: [],
        p0: null,
        p1: null,
        p2: null,
        p3: welcome,
        p4: null,
        entities: [null, null, null, welcome, null],
        people: [{ drafts: [], checked: [] }],
      });
      for (const id of hidden) t.notMatch(JSON.stringify(answer), id);
    }
    t.match(own?.data, {
      drafts: [{}],
      checked: [{}, {}],
      p0: { id: hidden[0] },
      p1: { id: hidden[1] },
      p2: { id: hidden[2] },
      p3: welcome,
      p4: null,
      entities: [...hidden.map((id) => ({ id })), welcome, null],
      people: [{ drafts: [{}], checked: [{}, {}] }],
    });
  },
);

onEachStore('seeding twice changes nothing', async (t, store) => {
  const { seed, tables } = await start(t, store);
  await seed({ userId: 'user_1' });
  const rows = () => tables.selectFrom('content_post').selectAll().orderBy('id').execute();
  const before = await rows();
  await seed({ userId: 'user_2' });
  t.strictSame(await rows(), before);
});

onEachStore('a bad number, stage or argument is answered with a code', async (t, store) => {
  const { ask } = await start(t, store);
  for (const first of [0, -1, 101]) {
    const answer = await ask(`{ posts(first: ${first}) { id } }`);
    t.equal(codeOf(answer), 'BAD_USER_INPUT');
    t.match(answer.errors, [{ extensions: { argument: 'first' } }]);
  }
  t.equal(codeOf(await ask('{ posts(stage: GONE) { id } }')), 'GRAPHQL_VALIDATION_FAILED');
  const variable = 'query ($s: Stage!) { posts(stage: $s) { id } }';
  t.equal(codeOf(await ask(variable, { s: 'GONE' })), 'BAD_USER_INPUT');
});

onEachStore('reading posts needs READ, by every way to them', async (t, store) => {
  const { seed, ask } = await start(t, store);
  await seed({ userId: 'user_1' });
  const queries = [
    '{ posts { id } }',
    '{ post(id: "post_welcome") { id } }',
    '{ _entities(representations: [{ __typename: "Post", id: "post_welcome" }]) { ... on Post { title } } }',
    '{ _entities(representations: [{ __typename: "User", id: "user_1" }]) { ... on User { posts { title } } } }',
  ];
  const writer = { ...reader, permissions: permissionsOf(['write:all', 'admin']) };
  for (const query of queries) {
    t.equal(codeOf(await ask(query, {}, anonymousCaller)), 'UNAUTHENTICATED', query);
    t.equal(codeOf(await ask(query, {}, writer)), 'FORBIDDEN', query);
    t.equal((await ask(query)).errors, undefined, query);
  }
});

onEachStore('the posts of many people are theirs, each list as long as asked', async (t, store) => {
  const { ask, tables } = await start(t, store);
  const people = ['ada', 'eve', 'nobody'];
  for (const author of ['ada', 'eve']) {
    for (let index = 0; index < 4; index += 1) {
      await tables
        .insertInto('content_post')
        .values({
          id: `${author}-${index}`,
          title: `${author} ${index}`,
          body: '',
          slug: `${author}-${index}`,
          stage: index === 3 ? 'DRAFT' : 'PUBLISHED',
          locale: index === 0 ? 'de' : 'en',
          author_id: author,
          organization_id: null,
          created_at: index,
          published_at: null,
        })
        .execute();
    }
  }
  const { data } = await ask(
    `query ($r: [_Any!]!) { _entities(representations: $r) { ... on User {
      id
      two: posts(first: 2) { title }
      german: posts(locale: "de") { title }
      drafts: posts(stage: DRAFT) { title author { id } }
    } } }`,
    { r: people.map((id) => ({ __typename: 'User', id })) },
    { ...reader, subject: 'ada' },
  );
  const of = (id: string) => ({
    id,
    two: [{ title: `${id} 2` }, { title: `${id} 1` }],
    german: [{ title: `${id} 0` }],
    drafts: id === 'ada' ? [{ title: `${id} 3`, author: { id } }] : [],
  });
  const empty = { id: 'nobody', two: [], german: [], drafts: [] };
  t.strictSame(data, { _entities: [of('ada'), of('eve'), empty] });
});

onEachStore('anybody reads the stage that is open to everybody, and no other', async (t, store) => {
  const { seed, ask } = await start(t, store);
  await seed({ userId: 'user_1' });
  const grants = readGrants([{ actions: ['READ'], on: '*', stages: ['PUBLISHED'] }]);
  const anybody = { ...anonymousCaller, permissions: permissionsOf([], undefined, grants) };
  const list = (query: string) => ask(query, undefined, anybody);
  const { data } = await list('{ posts { stage } }');
  t.match(data?.posts, [{ stage: 'PUBLISHED' }]);
  t.equal(codeOf(await list('{ posts(stage: DRAFT) { stage } }')), 'UNAUTHENTICATED');
  t.strictSame((await list('{ post(id: "post_welcome") { stage } }')).data, {
    post: { stage: 'PUBLISHED' },
  });
  t.strictSame(await list('{ post(id: "post_the-secret-passage") { stage } }'), {
    status: 200,
    data: { post: null },
  });
});
