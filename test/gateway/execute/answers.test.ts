import t from 'tap';
import { blog } from '#test/support/blog.ts';
import { startOpenGateway } from '#test/support/open-gateway.ts';

const gateway = await startOpenGateway(blog);
t.teardown(() => gateway.close());

interface Case {
  readonly promise: string;
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly data: unknown;
}

const cases: readonly Case[] = [
  {
    promise: 'a query crosses subgraphs, there and back, with aliases',
    query: `{ me { name posts { title shipping(unit: "kg") } } p2: posts { t: title author { n: name } } }`,
    data: {
      me: {
        name: 'Ann',
        posts: [
          { title: 'One', shipping: 30 },
          { title: 'Three', shipping: 50 },
        ],
      },
      p2: [
        { t: 'One', author: { n: 'Ann' } },
        { t: 'Tw"o\u2028\u00e9', author: { n: 'Bob' } },
        { t: 'Three', author: { n: 'Ann' } },
      ],
    },
  },
  {
    promise: 'one field under two aliases with different arguments keeps both answers apart',
    query:
      '{ a: user(id: 1) { p: posts(first: 1) { id } q: posts(first: 2) { id } } b: user(id: 2) { p: posts { id } } }',
    data: { a: { p: [{ id: 'p1' }], q: [{ id: 'p1' }, { id: 'p3' }] }, b: { p: [{ id: 'p2' }] } },
  },
  {
    promise: 'the same entity on two paths with different selections below keeps both apart',
    query: `{ a: posts { author { posts(first: 1) { id } } } b: posts { author { posts(first: 2) { id } } } }`,
    data: {
      a: [
        { author: { posts: [{ id: 'p1' }] } },
        { author: { posts: [{ id: 'p2' }] } },
        { author: { posts: [{ id: 'p1' }] } },
      ],
      b: [
        { author: { posts: [{ id: 'p1' }, { id: 'p3' }] } },
        { author: { posts: [{ id: 'p2' }] } },
        { author: { posts: [{ id: 'p1' }, { id: 'p3' }] } },
      ],
    },
  },
  {
    promise: 'unions are answered by the type of each item, inside fragments of fragments',
    query: `
      { feed { ...Item } }
      fragment Item on Item { __typename ... on Post { author { ...Name } } ... on Ad { owner { ...Name } } }
      fragment Name on User { name }`,
    data: {
      feed: [
        { __typename: 'Post', author: { name: 'Ann' } },
        { __typename: 'Ad', owner: { name: 'Bob' } },
        { __typename: 'Ad', owner: { name: 'Ann' } },
      ],
    },
  },
  {
    promise:
      'one entity under one key, asked for differently by the type of its parent, has two answers',
    query: `{ feed {
      ... on Post { who: author { name p: posts(first: 1) { id } } }
      ... on Ad { who: author { name p: posts(first: 2) { id } } } } }`,
    data: {
      feed: [
        { who: { name: 'Ann', p: [{ id: 'p1' }] } },
        { who: { name: 'Bob', p: [{ id: 'p2' }] } },
        { who: { name: 'Ann', p: [{ id: 'p1' }, { id: 'p3' }] } },
      ],
    },
  },
  {
    promise: 'interfaces are answered with the fields of the concrete type',
    query: '{ node(id: 1) { id __typename ... on User { name posts { id } } } }',
    data: {
      node: { id: '1', __typename: 'User', name: 'Ann', posts: [{ id: 'p1' }, { id: 'p3' }] },
    },
  },
  {
    promise: '@include and @skip with variables decide what is fetched and shown (included)',
    query: `query ($a: Boolean!, $f: Int = 1) {
      me @include(if: $a) { id posts(first: $f) { author { name @skip(if: $a) } } } hello }`,
    variables: { a: true },
    data: { me: { id: '1', posts: [{ author: {} }] }, hello: 'hi' },
  },
  {
    promise: '@include and @skip with variables decide what is fetched and shown (left out)',
    query: `query ($a: Boolean!, $f: Int = 1) {
      me @include(if: $a) { id posts(first: $f) { author { name @skip(if: $a) } } } hello }`,
    variables: { a: false },
    data: { hello: 'hi' },
  },
  {
    promise: 'a variable in an entity fetch has its default when it is not sent',
    query: 'query ($f: Int = 1) { me { posts(first: $f) { id } } }',
    data: { me: { posts: [{ id: 'p1' }] } },
  },
  {
    promise: 'custom scalars pass through in both directions',
    query: 'query ($v: Anything) { echo(value: $v) }',
    variables: { v: { deep: [1, 'two', null, { three: true }] } },
    data: { echo: { deep: [1, 'two', null, { three: true }] } },
  },
  {
    promise: 'lists of lists keep their shape, nulls included',
    query: '{ grid { id author { name } } }',
    data: {
      grid: [
        [{ id: 'p1', author: { name: 'Ann' } }, null],
        [{ id: 'p2', author: { name: 'Bob' } }],
        [],
      ],
    },
  },
  {
    promise: 'response keys that every object inherits are ordinary keys',
    query: '{ me { constructor: name toString: id hasOwnProperty: id } }',
    data: { me: { constructor: 'Ann', toString: '1', hasOwnProperty: '1' } },
  },
  {
    promise: 'introspection stands beside data, inside fragments and with variables',
    query: `query ($name: String!) { __typename ...Q hello }
      fragment Q on Query { __schema { queryType { name } } __type(name: $name) { name kind } }`,
    variables: { name: 'Ad' },
    data: {
      __typename: 'Query',
      __schema: { queryType: { name: 'Query' } },
      __type: { name: 'Ad', kind: 'OBJECT' },
      hello: 'hi',
    },
  },
  {
    promise: 'introspection is not kept back by variables of the rest',
    query: `query ($yes: Boolean!, $id: ID!) {
      __type(name: "Ad") @include(if: $yes) { name } user(id: $id) @skip(if: $yes) { id } hello }`,
    variables: { yes: true, id: '1' },
    data: { __type: { name: 'Ad' }, hello: 'hi' },
  },
  {
    promise: 'what is @inaccessible is not in the schema',
    query: '{ __type(name: "Status") { enumValues { name } } }',
    data: { __type: { enumValues: [{ name: 'ACTIVE' }] } },
  },
  {
    promise: 'a mutation returns entities of other subgraphs',
    query: 'mutation { addPost(title: "x") { title author { name } shipping } }',
    data: { addPost: { title: 'x', author: { name: 'Ann' }, shipping: 30 } },
  },
];

for (const { promise, query, variables, data } of cases) {
  t.test(promise, async (t) => {
    t.same(await gateway.ask(query, variables), { data });
    // The second time it comes from the cache of prepared operations.
    t.same(await gateway.ask(query, variables), { data });
  });
}

t.test('the root fields of a mutation run in their order', async (t) => {
  const { data } = await gateway.ask('mutation { a: next b: next c: next }');
  const { a, b, c } = data as { a: number; b: number; c: number };
  t.same([b, c], [a + 1, a + 2]);
});

t.test('an entity that stands in many places is asked for once', async (t) => {
  gateway.calls.length = 0;
  await gateway.ask('{ posts { author { name } } }');
  const call = gateway.calls.find(({ subgraph }) => subgraph === 'users');
  t.same(call?.variables.representations, [
    { __typename: 'User', id: '1' },
    { __typename: 'User', id: '2' },
  ]);
});

t.test('a subgraph is not called when there is nothing to ask it', async (t) => {
  gateway.calls.length = 0;
  t.same(await gateway.ask('{ user(id: 77) { name posts { id } } }'), { data: { user: null } });
  t.same(
    gateway.calls.map(({ subgraph }) => subgraph),
    ['users'],
  );
});

t.test('the operation name chooses between two operations of one document', async (t) => {
  const source = 'query A { hello } query B { me { id } }';
  const [a, b] = await Promise.all([gateway.ask(source, {}, 'A'), gateway.ask(source, {}, 'B')]);
  t.same([a, b], [{ data: { hello: 'hi' } }, { data: { me: { id: '1' } } }]);
});
