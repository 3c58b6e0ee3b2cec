import { parse } from 'graphql';
import t, { type Test } from 'tap';
import { createApolloPlanner } from '#gateway/plan/apollo.ts';
import { readOverrides } from '#gateway/plan/overrides.ts';
import type { Plan } from '#gateway/plan/plan.ts';
import { compose } from '#test/support/compose.ts';

const news = compose({
  users: `
    type Query { me: User }
    type Mutation { rename(name: String!): User touch: Int }
    type Subscription { userChanged: User }
    type User @key(fields: "id") { id: ID! name: String! }`,
  posts: `
    type Query { feed: [Item!]! grid: [[Post]!] }
    type Mutation { publish: Int }
    union Item = Post | Ad
    type Ad @key(fields: "id") { id: ID! owner: User }
    type Post @key(fields: "id") { id: ID! title: String author: User }
    type User @key(fields: "id") { id: ID! posts(first: Int): [Post!]! }`,
});

const media = compose({
  films: `
    type Query { media: [Media!]! }
    interface Media @key(fields: "id") { id: ID! title: String }
    type Film implements Media @key(fields: "id") { id: ID! title: String }`,
  stars: `
    type Query { rated: [Media!]! }
    type Media @interfaceObject @key(fields: "id") { id: ID! stars: Int }`,
});

const shops = compose({
  shops: `
    type Query { place: Place }
    union Place = Shop | Stand
    type Shop @key(fields: "id") @context(name: "at") { id: ID! city: String! shelf: Shelf! }
    type Stand @key(fields: "id") @context(name: "at") { id: ID! city: String! shelf: Shelf! }
    type Shelf { items: [Item!]! }
    type Item @key(fields: "id") {
      id: ID! tax(city: String @fromContext(field: "$at { city }"), rate: Int): Int!
    }`,
  other: 'type Query { other: Int }',
});

/** The plan by Apollo's planner, through its thread. */
async function planOf(
  t: Test,
  supergraph: string,
  document: string,
  operationName?: string,
): Promise<Plan | null> {
  const planner = createApolloPlanner(supergraph, { planTimeoutMs: 60_000, maxWaitingPlans: 10 });
  t.teardown(() => planner.close());
  return planner.plan(document, operationName, readOverrides(parse(supergraph), []).draw());
}

const key = (name: string) => ({ kind: 'key' as const, key: name });
const types = (...names: string[]) => ({ kind: 'types' as const, types: names });
const items = { kind: 'items' as const };
const leaf = (name: string) => ({ kind: 'field', key: name, as: name, selections: null });
const keyOf = (type: string) => ({
  kind: 'fragment',
  type,
  selections: [leaf('__typename'), leaf('id')],
});
const rootFetch = (subgraph: string, document: string, more: object = {}) => ({
  kind: 'fetch',
  id: null,
  subgraph,
  operation: 'query',
  document,
  variables: [],
  batches: [],
  outputRewrites: [],
  ...more,
});
const entityFetch = (
  subgraph: string,
  type: string,
  fields: string,
  paths: readonly unknown[],
  more: object = {},
) =>
  rootFetch(
    subgraph,
    `query($representations:[_Any!]!){_entities(representations:$representations){...on ${type}{${fields}}}}`,
    {
      batches: [
        {
          key: '_entities',
          variable: 'representations',
          paths,
          requires: [keyOf(type)],
          inputRewrites: [],
          outputRewrites: [],
          contextArguments: [],
        },
      ],
      ...more,
    },
  );

t.test('a fetch of root fields, one of entities after it', async (t) => {
  const document = 'query ($n: Int) { me { name posts(first: $n) { title } } }';
  const batches = entityFetch('posts', 'User', '', [[key('me')]]).batches;
  t.same(await planOf(t, news, document), {
    kind: 'sequence',
    nodes: [
      rootFetch('users', '{me{__typename id name}}'),
      rootFetch(
        'posts',
        'query($representations:[_Any!]!$n:Int){_entities(representations:$representations){...on User{posts(first:$n){title}}}}',
        { variables: ['n'], batches },
      ),
    ],
  });
});

t.test('conditions are resolved before planning: a plan that has one is refused', async (t) => {
  const refused = { cause: { message: 'A plan has a Condition inside a step' } };
  const skipped = 'query ($a: Boolean!) { me { name posts @include(if: $a) { title } } }';
  await t.rejects(planOf(t, news, skipped), refused);
  const deferred = 'query ($a: Boolean!) { me { ... @defer(if: $a) { posts { title } } } }';
  await t.rejects(planOf(t, news, deferred), refused);
});

t.test('the same question about entities in several places is one call', async (t) => {
  const document =
    'query Q { feed { ... on Post { author { name } } ... on Ad { owner { name } } } grid { author { name } } }';
  const plan = await planOf(t, news, document, 'Q');
  t.match(plan, {
    kind: 'sequence',
    nodes: [
      { subgraph: 'posts' },
      {
        kind: 'fetch',
        subgraph: 'users',
        document: /^query Q__users__1\(/,
        batches: [
          {
            paths: [
              [key('feed'), items, types('Post'), key('author')],
              [key('feed'), items, types('Ad'), key('owner')],
              [key('grid'), items, items, key('author')],
            ],
          },
        ],
      },
    ],
  });
});

t.test('different questions are asked side by side', async (t) => {
  const document =
    '{ me { posts { title } } feed { ... on Post { author { name } } ... on Ad { owner { id posts { title } } } } }';
  t.match(await planOf(t, news, document), {
    kind: 'parallel',
    nodes: [{ kind: 'sequence' }, { kind: 'sequence' }],
  });
});

t.test('fields that cannot stand beside each other come back under their own keys', async (t) => {
  const document = '{ feed { ... on Post { v: title } ... on Ad { v: owner { id } } } }';
  t.match(await planOf(t, news, document), {
    kind: 'fetch',
    outputRewrites: [
      { kind: 'rename', path: [key('feed'), types('Ad'), key('v__alias_0')], to: 'v' },
    ],
  });
});

t.test('an interface object is asked for under the name of the interface', async (t) => {
  const plan = await planOf(t, media, '{ media { stars } }');
  t.match(plan, {
    kind: 'sequence',
    nodes: [
      { subgraph: 'films' },
      {
        subgraph: 'stars',
        batches: [
          {
            inputRewrites: [
              { kind: 'set', path: [types('Media'), key('__typename')], value: 'Media' },
            ],
          },
        ],
      },
    ],
  });
});

t.test('root fields of a mutation stay in their order', async (t) => {
  const plan = await planOf(t, news, 'mutation M { rename(name: "x") { id } publish touch }', 'M');
  t.match(plan, {
    kind: 'sequence',
    nodes: [
      { subgraph: 'users', operation: 'mutation', document: /rename/ },
      { subgraph: 'posts', operation: 'mutation', document: /publish/ },
      { subgraph: 'users', operation: 'mutation', document: /touch/ },
    ],
  });
});

t.test(
  'an argument from a context comes from above the entity, never from the client',
  async (t) => {
    const document =
      'query ($rate: Int) { place { ... on Shop { shelf { items { tax(rate: $rate) } } } ... on Stand { shelf { items { tax(rate: $rate) } } } } }';
    const plan = await planOf(t, shops, document);
    t.notMatch(JSON.stringify(plan), /"variables":\[[^\]]*contextualArgument/);
    const argumentOf = (type: string) => ({
      variables: ['rate'],
      document: /\$contextualArgument_2_0:String/,
      batches: [
        {
          paths: [[key('place'), types(type), key('shelf'), key('items'), items]],
          contextArguments: [
            { variable: 'contextualArgument_2_0', up: 2, path: [types(type), key('city')] },
          ],
        },
      ],
    });
    t.match(plan, {
      kind: 'sequence',
      nodes: [{}, { kind: 'parallel', nodes: [argumentOf('Shop'), argumentOf('Stand')] }],
    });
  },
);

t.test('a subscription, and what completes each of its events', async (t) => {
  const primary = (document: string) => rootFetch('users', document, { operation: 'subscription' });
  t.same(await planOf(t, news, 'subscription { userChanged { name } }'), {
    kind: 'subscription',
    primary: primary('subscription{userChanged{name}}'),
    rest: null,
  });
  t.same(await planOf(t, news, 'subscription { userChanged { name posts { title } } }'), {
    kind: 'subscription',
    primary: primary('subscription{userChanged{__typename id name}}'),
    rest: {
      kind: 'sequence',
      nodes: [entityFetch('posts', 'User', 'posts{title}', [[key('userChanged')]])],
    },
  });
});

t.test('an answer in parts, inside one another', async (t) => {
  const document =
    '{ me { name ... @defer(label: "posts") { posts { title ... @defer { author { name } } } } } }';
  t.match(await planOf(t, news, document), {
    kind: 'defer',
    primary: { selections: '{ me { name } }', node: { kind: 'fetch', id: '0' } },
    deferred: [
      {
        label: 'posts',
        after: ['0'],
        path: [key('me')],
        selections: null,
        node: {
          kind: 'defer',
          primary: { selections: '{ posts { title } }', node: { kind: 'fetch', id: '1' } },
          deferred: [
            {
              label: null,
              after: ['1'],
              path: [key('me'), key('posts')],
              selections: '{ author { name } }',
              node: { kind: 'sequence' },
            },
          ],
        },
      },
    ],
  });
});

t.test('a deferred part may need no call of its own', async (t) => {
  t.match(await planOf(t, news, '{ me { id ... on User @defer(label: "l") { name } } }'), {
    kind: 'defer',
    primary: { selections: '{ me { id } }' },
    deferred: [{ label: 'l', path: [key('me')], selections: '{ name }' }],
  });
});

t.test('nothing to fetch is no plan', async (t) => {
  t.equal(await planOf(t, news, '{ me @skip(if: true) { name } }'), null);
});
