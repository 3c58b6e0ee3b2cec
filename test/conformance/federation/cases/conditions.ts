import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';
import { conditionsOnFragments } from './conditions-on-fragments.ts';

const users = [
  { id: '1', name: 'Ann', kind: 'x' },
  { id: '2', name: 'Bob', kind: 'y' },
];
const pets = [
  { __typename: 'Cat', id: 'c', name: 'Tom', lives: 9, ownerId: '1' },
  { __typename: 'Dog', id: 'd', name: 'Rex', tricks: 3, ownerId: '2' },
];

const conditional: Graph = {
  name: '@skip and @include',
  subgraphs: {
    users: {
      typeDefs: `
        type Query { me: User users: [User!]! hello: String }
        type User @key(fields: "id") { id: ID! name: String kind: String }`,
      resolvers: {
        Query: { me: () => users[0], users: () => users, hello: () => 'hi' },
        User: { __resolveReference: lookUp(users, 'id') },
      },
    },
    pets: {
      typeDefs: `
        type Query { pets: [Pet!]! things: [Thing] }
        interface Pet { id: ID! name: String owner: User }
        union Thing = Cat | Dog
        type Cat implements Pet @key(fields: "id") { id: ID! name: String lives: Int owner: User }
        type Dog implements Pet @key(fields: "id") { id: ID! name: String tricks: Int owner: User }
        type User @key(fields: "id") { id: ID! pets: [Pet!]! favourite: Pet }`,
      resolvers: {
        Query: { pets: () => pets, things: () => pets },
        Cat: { owner: () => ({ id: '1' }) },
        Dog: { owner: () => ({ id: '2' }) },
        User: {
          pets: ({ id }: { id: string }) => pets.filter(({ ownerId }) => ownerId === id),
          favourite: ({ id }: { id: string }) => pets.find(({ ownerId }) => ownerId === id),
        },
      },
    },
    labels: {
      typeDefs: `
        type User @key(fields: "id") { id: ID! kind: String @external label: String @requires(fields: "kind") score(by: Int = 1): Int }
        type Cat @key(fields: "id") { id: ID! tag: String }
        type Dog @key(fields: "id") { id: ID! tag: String }`,
      resolvers: {
        User: {
          label: ({ kind }: { kind?: string }) => `label ${kind}`,
          score: ({ id }: { id: string }, { by }: { by: number }) => Number(id) * by,
        },
        Cat: { tag: ({ id }: { id: string }) => `cat ${id}` },
        Dog: { tag: ({ id }: { id: string }) => `dog ${id}` },
      },
    },
  },
  cases: [
    {
      promise: 'a skipped root field is not called',
      query: '{ me @skip(if: true) { name } pets @include(if: false) { id } hello }',
      data: { hello: 'hi' },
      calls: ['users'],
    },
    {
      promise: 'when everything is skipped nobody is called and the answer is empty',
      query:
        'query ($no: Boolean!) { me @include(if: $no) { name } pets @include(if: $no) { id } }',
      variables: { no: false },
      data: {},
      calls: [],
    },
    {
      promise: 'when everything is skipped by literals nobody is called and the answer is empty',
      query: '{ me @include(if: false) { name } ... @skip(if: true) { hello } }',
      data: {},
      calls: [],
    },
    {
      promise: 'an entity call whose fields are all skipped by a variable is not made',
      query:
        'query ($no: Boolean!) { me { name label @include(if: $no) score @include(if: $no) } }',
      variables: { no: false },
      data: { me: { name: 'Ann' } },
      calls: ['users'],
    },
    {
      promise: 'the same call is made when the variable says so',
      query:
        'query ($no: Boolean!) { me { name label @include(if: $no) score @include(if: $no) } }',
      variables: { no: true },
      data: { me: { name: 'Ann', label: 'label x', score: 1 } },
      calls: ['labels', 'users'],
    },
    {
      promise: 'an entity call whose fields are all skipped by literals is not made',
      query:
        '{ me { name label @skip(if: true) ... @include(if: false) { score pets { name } } } }',
      data: { me: { name: 'Ann' } },
      calls: ['users'],
    },
    {
      promise: 'two fields of one entity call under opposite conditions',
      query: 'query ($v: Boolean!) { users { label @include(if: $v) score @skip(if: $v) } }',
      variables: { v: true },
      data: { users: [{ label: 'label x' }, { label: 'label y' }] },
    },
    {
      promise: 'two fields of one entity call under opposite conditions, the other way',
      query: 'query ($v: Boolean!) { users { label @include(if: $v) score @skip(if: $v) } }',
      variables: { v: false },
      data: { users: [{ score: 1 }, { score: 2 }] },
      oracle: 'It does not make an entity call whose fields have opposite conditions.',
    },
    {
      promise: '@skip and @include on one field must both agree (included, not skipped)',
      query:
        'query ($s: Boolean!, $i: Boolean!) { me @skip(if: $s) @include(if: $i) { label @include(if: $i) @skip(if: $s) } hello }',
      variables: { s: false, i: true },
      data: { me: { label: 'label x' }, hello: 'hi' },
    },
    {
      promise: '@skip and @include on one field must both agree (included and skipped)',
      query:
        'query ($s: Boolean!, $i: Boolean!) { me @skip(if: $s) @include(if: $i) { label @include(if: $i) @skip(if: $s) } hello }',
      variables: { s: true, i: true },
      data: { hello: 'hi' },
      calls: ['users'],
    },
    {
      promise: '@skip and @include on one field must both agree (neither)',
      query:
        'query ($s: Boolean!, $i: Boolean!) { me { name label @skip(if: $s) @include(if: $i) } }',
      variables: { s: false, i: false },
      data: { me: { name: 'Ann' } },
      calls: ['users'],
    },
    {
      promise: 'a field that stands with a condition and without is answered',
      query:
        'query ($v: Boolean!) { me { label @include(if: $v) label pets @skip(if: $v) { name } pets { id } } }',
      variables: { v: false },
      data: { me: { label: 'label x', pets: [{ name: 'Tom', id: 'c' }] } },
    },
    {
      promise: 'a field that stands with a condition and without is answered, its own part skipped',
      query:
        'query ($v: Boolean!) { me { label @include(if: $v) label pets @skip(if: $v) { name } pets { id } } }',
      variables: { v: true },
      data: { me: { label: 'label x', pets: [{ id: 'c' }] } },
    },
    {
      promise: 'an object of which everything is skipped is there and empty',
      query: 'query ($v: Boolean!) { me { name @skip(if: $v) label @skip(if: $v) } }',
      variables: { v: true },
      data: { me: {} },
    },
    {
      promise: 'a skipped field does not hide the requirement of another',
      query: 'query ($v: Boolean!) { users { kind @skip(if: $v) label } }',
      variables: { v: true },
      data: { users: [{ label: 'label x' }, { label: 'label y' }] },
    },
    {
      promise: 'a skipped key does not hide the key that is needed',
      query:
        'query ($v: Boolean!) { users { id @skip(if: $v) score pets { id @skip(if: $v) ... on Cat { tag } } } }',
      variables: { v: true },
      data: {
        users: [
          { score: 1, pets: [{ tag: 'cat c' }] },
          { score: 2, pets: [{}] },
        ],
      },
    },
    {
      promise: 'a condition has the default of its variable',
      query:
        'query ($on: Boolean! = true, $off: Boolean = false) { me { label @include(if: $on) score @skip(if: $on) name @include(if: $off) } }',
      data: { me: { label: 'label x' } },
    },
    {
      promise: 'a condition across a boundary of entities, and back',
      query: `query ($v: Boolean!) {
        pets { owner { name @skip(if: $v) pets @include(if: $v) { owner { label @include(if: $v) name } } } }
      }`,
      variables: { v: true },
      data: {
        pets: [
          { owner: { pets: [{ owner: { label: 'label x', name: 'Ann' } }] } },
          { owner: { pets: [{ owner: { label: 'label y', name: 'Bob' } }] } },
        ],
      },
    },
    {
      promise: 'one alias for two fields under opposite conditions is refused',
      query: 'query ($v: Boolean!) { me { x: name @skip(if: $v) x: label @include(if: $v) } }',
      variables: { v: true },
      errors: [{ code: 'GRAPHQL_VALIDATION_FAILED' }],
      calls: [],
    },
    {
      promise: 'an argument and a condition may use one variable',
      query:
        'query ($v: Boolean!, $n: Int!) { me { a: score(by: $n) @include(if: $v) b: score @skip(if: $v) } }',
      variables: { v: true, n: 5 },
      data: { me: { a: 5 } },
    },
    ...conditionsOnFragments,
  ],
};

export const conditions: readonly Graph[] = [conditional];
