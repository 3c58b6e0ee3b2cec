import { pino } from 'pino';
import t from 'tap';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { CLAIMS_HEADER } from '#contract/claims.ts';
import { readGrants } from '#contract/permissions/read-grants.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import {
  createSubgraph,
  type RecordColumns,
  type Resolvers,
  resolveReference,
} from '#subgraphs/kit/index.ts';
import { askSubgraph } from '../support/ask-subgraph.ts';
import { createClaimsIssuer } from '../support/claims-issuer.ts';

const issuer = await createClaimsIssuer();

const typeDefs = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { posts: [Post!]!  nodes: [Node!]!  free: Free }
  type Mutation { touchPost: Post }
  interface Node { id: ID! }
  type Post implements Node @key(fields: "id") @key(fields: "place { code }") {
    id: ID!  title: String  body: String  stage: String  at: String  place: Place  upper: String
  }
  type Place { code: String }
  type Free { text: String }
`;

const posts = [
  {
    id: '1',
    title: 'One',
    body: 'b1',
    stage: 'DRAFT',
    locale: 'en',
    at: 1_000,
    place: { code: 'x' },
  },
  {
    id: '2',
    title: 'Two',
    body: 'b2',
    stage: 'PUBLISHED',
    locale: 'en',
    at: 2_000,
    place: { code: 'y' },
  },
];

let upperCalls = 0;
/** Careless on purpose: nothing is left out. */
const resolvers: Resolvers = {
  Query: { posts: () => posts, nodes: () => posts, free: () => ({ text: 'f' }) },
  Mutation: { touchPost: () => posts[0] },
  Node: { __resolveType: () => 'Post' },
  Post: {
    __resolveReference: resolveReference(async ({ id }) => posts.find((post) => post.id === id)),
    upper: ({ title }: { readonly title: string }) => {
      upperCalls += 1;
      return title.toUpperCase();
    },
  },
};

const columns: RecordColumns = {
  dialect: 'sqlite',
  stage: 'stage',
  locale: 'locale',
  fields: {
    id: { column: 'id', kind: 'text' },
    stage: { column: 'stage', kind: 'text' },
    locale: { column: 'locale', kind: 'text' },
    at: { column: 'at', kind: 'instant' },
  },
};

const options = {
  name: 'content',
  typeDefs,
  resolvers: [resolvers],
  claims: { keys: issuer.keys },
  logger: pino({ level: 'silent' }),
};
const app = await createSubgraph({ ...options, records: { Post: columns } });
t.teardown(() => app.close());

function holder(grants: readonly object[], scopes: readonly string[] = []): Caller {
  const permissions = permissionsOf(scopes, undefined, readGrants(grants));
  return { ...anonymousCaller, kind: 'key', subject: 'ada', permissions };
}

async function ask(caller: Caller, query: string) {
  const token = await issuer.mint(caller, 'content', Date.now());
  return askSubgraph(app, { [CLAIMS_HEADER]: token }, query);
}

const read = (on: string, rest: object = {}) => ({ actions: ['READ'], on, ...rest });
const ways = [
  ['a list', 'found: posts'],
  ['an interface', 'found: nodes'],
  [
    'references',
    'found: _entities(representations: [{__typename: "Post", id: "1"}, {__typename: "Post", id: "2"}])',
  ],
] as const;

for (const [way, field] of ways) {
  const query = `{ ${field} { __typename ... on Post { id title body } } }`;

  t.test(
    `of a record a caller is shown the granted fields, its key and no more, by ${way}`,
    async (t) => {
      const answer = await ask(holder([read('Post.title')]), query);
      const shown = (id: string, title: string) => ({ __typename: 'Post', id, title, body: null });
      t.strictSame(answer.data, { found: [shown('1', 'One'), shown('2', 'Two')] });
      t.match(answer.errors, [
        {
          path: ['found', 0, 'body'],
          message: 'You do not have permission to perform this action',
          extensions: {
            code: 'FORBIDDEN',
            authorization: { coordinate: 'Post.body', missing: 'READ' },
          },
        },
        { path: ['found', 1, 'body'] },
      ]);
      t.equal(answer.errors?.length, 2);
    },
  );

  t.test(`a grant on some records shows these alone, field by field, by ${way}`, async (t) => {
    const conditions = [
      { where: { id: '2' } },
      { stages: ['PUBLISHED'] },
      { where: { at_gt: '1970-01-01T00:00:01.500Z' } },
    ];
    for (const condition of conditions) {
      const caller = holder([read('Post.title'), read('Post.body', condition)]);
      const { data, errors } = await ask(caller, query);
      t.match(data, {
        found: [
          { title: 'One', body: null },
          { title: 'Two', body: 'b2' },
        ],
      });
      t.match(errors, [{ path: ['found', 0, 'body'], extensions: { code: 'FORBIDDEN' } }]);
      t.equal(errors?.length, 1, JSON.stringify(condition));
    }
  });

  t.test(`without any right to a type not even its keys are shown, by ${way}`, async (t) => {
    const answer = await ask(holder([read('Free')], ['write:all']), query);
    t.notMatch(JSON.stringify(answer), /One|b1|"id":"1"/);
    t.ok(answer.errors?.every(({ extensions }) => extensions?.code === 'FORBIDDEN'));
    const nobody = await ask(anonymousCaller, query);
    t.notMatch(JSON.stringify(nobody), /One|b1|"id":"1"/);
    t.ok(nobody.errors?.every(({ extensions }) => extensions?.code === 'UNAUTHENTICATED'));
    t.equal((await ask(holder([], ['read:all']), query)).errors, undefined);
  });
}

t.test('a condition on what is not told of a record shows nothing of it', async (t) => {
  for (const condition of [{ where: { title: 'One' } }, { where: { constructor_not: 'x' } }]) {
    const { data } = await ask(holder([read('Post', condition)]), '{ posts { id title } }');
    t.strictSame(data?.posts, [
      { id: '1', title: null },
      { id: '2', title: null },
    ]);
  }
});

t.test('what is denied is not resolved', async (t) => {
  upperCalls = 0;
  await ask(holder([read('Post.title')]), '{ posts { upper } }');
  t.equal(upperCalls, 0);
  await ask(holder([read('Post.upper', { stages: ['DRAFT'] })]), '{ posts { upper } }');
  t.equal(upperCalls, 1);
});

t.test('every key of a type is one, and what lies in a record goes with its field', async (t) => {
  const { data, errors } = await ask(
    holder([read('Post.title')]),
    '{ posts { id place { code } } }',
  );
  t.equal(errors, undefined);
  t.match(data, { posts: [{ id: '1', place: { code: 'x' } }, {}] });
});

t.test('whoever was let change a record is told its key, and what they may read', async (t) => {
  const touch = 'mutation { touchPost { id title body } }';
  const writer = await ask(holder([{ actions: ['UPDATE'], on: 'Post' }]), touch);
  t.strictSame(writer.data, { touchPost: { id: '1', title: null, body: null } });
  t.equal(writer.errors?.length, 2);
  const reader = await ask(holder([read('Post.title')]), touch);
  t.strictSame(reader.data, { touchPost: { id: '1', title: 'One', body: null } });
});

t.test('a grant in another subgraph or environment is none here', async (t) => {
  const elsewhere = [{ within: 'identity' }, { environments: ['staging'] }];
  for (const place of elsewhere) {
    const { data } = await ask(
      holder([read('Post.title', place), read('Post.body')]),
      '{ posts { title } }',
    );
    t.strictSame(data?.posts, [{ title: null }, { title: null }], JSON.stringify(place));
  }
});

t.test('other types are as free as their resolvers leave them', async (t) => {
  t.strictSame((await ask(anonymousCaller, '{ free { text } }')).data, { free: { text: 'f' } });
});

t.test('a record that is no type of the subgraph is a mistake', async (t) => {
  for (const name of ['Pots', 'Node', 'String']) {
    await t.rejects(createSubgraph({ ...options, records: { [name]: columns } }), TypeError, name);
  }
});

t.test('what one caller may see is not what the next one may', async (t) => {
  const query = '{ posts { title } }';
  const answers = await Promise.all([
    ask(holder([], ['read:all']), query),
    ask(holder([read('Post.body')]), query),
    ask(holder([read('Post.title')]), query),
  ]);
  t.strictSame(
    answers.map(({ data }) => data?.posts),
    [
      [{ title: 'One' }, { title: 'Two' }],
      [{ title: null }, { title: null }],
      [{ title: 'One' }, { title: 'Two' }],
    ],
  );
});
