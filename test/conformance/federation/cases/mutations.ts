import { GraphQLError } from 'graphql';
import type { Graph } from '../federation-case.ts';

const log: string[] = [];
let stock = 5;
const note = (entry: string): string => {
  log.push(entry);
  return log.join(' ');
};

const mutating: Graph = {
  name: 'mutations',
  reset: () => {
    log.length = 0;
    stock = 5;
  },
  subgraphs: {
    carts: {
      typeDefs: `
        type Query { log: [String!]! cart: Cart }
        type Mutation {
          add(item: ID!, count: Int! = 1): Cart
          fail: Cart
          strict: Int!
          clear: Cart!
          first: String
          input(by: CartInput!): String
        }
        input CartInput { item: ID! tags: [String!] = ["none"] }
        type Cart @key(fields: "id") { id: ID! items: [Item!]! log: String! }
        type Item @key(fields: "id") { id: ID! count: Int }`,
      resolvers: {
        Query: { log: () => log, cart: () => ({ id: 'c', items: [] }) },
        Mutation: {
          add: (_: unknown, { item, count }: { item: string; count: number }) => {
            note(`add-${item}`);
            return { id: 'c', items: [{ id: item, count }] };
          },
          fail: () => {
            note('fail');
            throw new GraphQLError('cannot', { extensions: { code: 'NO' } });
          },
          strict: () => {
            note('strict');
            throw new GraphQLError('must');
          },
          clear: () => {
            note('clear');
            return { id: 'c', items: [] };
          },
          first: () => note('first'),
          input: (_: unknown, { by }: { by: unknown }) => JSON.stringify(by),
        },
        Cart: { log: () => log.join(' ') },
      },
    },
    stock: {
      typeDefs: `
        type Mutation { take(item: ID!, count: Int = 1): Item second: String both: Both }
        type Item @key(fields: "id") { id: ID! left: Int! seen: String! }
        type Both { item: Item }
        type Query { stock: Int }`,
      resolvers: {
        Query: { stock: () => stock },
        Mutation: {
          take: (_: unknown, { item, count }: { item: string; count: number }) => {
            stock -= count;
            note(`take-${item}`);
            return { id: item };
          },
          second: () => note('second'),
          both: () => ({ item: { id: 'b' } }),
        },
        Item: { left: () => stock, seen: () => log.join(' ') },
      },
    },
    prices: {
      typeDefs: `
        type Cart @key(fields: "id") { id: ID! total: Int when: String! }
        type Item @key(fields: "id") { id: ID! price: Int }
        type Query { prices: Int }`,
      resolvers: {
        Cart: { total: () => 100, when: () => log.join(' ') },
        Item: { price: ({ id }: { id: string }) => (id === 'x' ? 10 : null) },
      },
    },
  },
  cases: [
    {
      promise: 'root fields of different subgraphs run in their order',
      query: 'mutation { a: first b: second c: first d: second }',
      data: {
        a: 'first',
        b: 'first second',
        c: 'first second first',
        d: 'first second first second',
      },
      calls: ['carts', 'carts', 'stock', 'stock'],
    },
    {
      promise: 'neighbours of one subgraph run in their order',
      query: 'mutation { a: first b: first c: second d: second }',
      data: {
        a: 'first',
        b: 'first first',
        c: 'first first second',
        d: 'first first second second',
      },
    },
    {
      promise: 'the entities of an answer are filled after it',
      query: 'mutation { add(item: "x", count: 2) { items { id count price left } total } }',
      data: { add: { items: [{ id: 'x', count: 2, price: 10, left: 5 }], total: 100 } },
    },
    {
      promise: 'the entities of one root field are filled before the next one runs',
      query:
        'mutation { add(item: "x") { when items { left } } take(item: "y", count: 3) { left } }',
      data: { add: { when: 'add-x', items: [{ left: 5 }] }, take: { left: 2 } },
    },
    {
      promise: 'aliases and variables, with defaults where none are sent',
      query: `mutation ($i: ID!, $n: Int! = 4) {
        one: add(item: $i, count: $n) { items { count } }
        two: add(item: $i) { items { count } }
      }`,
      variables: { i: 'z' },
      data: { one: { items: [{ count: 4 }] }, two: { items: [{ count: 1 }] } },
    },
    {
      promise: 'input objects of a mutation get their defaults in the subgraph',
      query: 'mutation ($by: CartInput!) { input(by: $by) }',
      variables: { by: { item: 'a' } },
      data: { input: '{"item":"a","tags":["none"]}' },
    },
    {
      promise: 'one that fails does not stop the next ones',
      query: 'mutation { fail { id } add(item: "x") { log } second }',
      data: { fail: null, add: { log: 'fail add-x' }, second: 'fail add-x second' },
      errors: [{ path: ['fail'], message: 'cannot', code: 'NO' }],
    },
    {
      promise: 'one that may not be null takes the whole answer with it, and its error is told',
      query: 'mutation { add(item: "x") { id } s: strict }',
      data: null,
      errors: [{ path: ['s'], message: 'must' }],
    },
    {
      promise: 'skipped fields do not run',
      query: `mutation ($no: Boolean!) {
        first @include(if: $no)
        second @skip(if: true)
        add(item: "x") { log items @skip(if: $no) { price @include(if: $no) id } }
      }`,
      variables: { no: false },
      data: { add: { log: 'add-x', items: [{ id: 'x' }] } },
    },
    {
      promise: 'fragments on Mutation are in order too',
      query:
        'mutation { first ...M again: first } fragment M on Mutation { second ... on Mutation { two: second } }',
      data: {
        first: 'first',
        second: 'first second',
        two: 'first second second',
        again: 'first second second first',
      },
    },
    {
      promise: 'an entity inside a payload leads to all other subgraphs',
      query: 'mutation { both { __typename item { price left count } } __typename }',
      data: {
        both: { __typename: 'Both', item: { price: null, left: 5, count: null } },
        __typename: 'Mutation',
      },
    },
    {
      promise: '__typename alone runs nothing',
      query: 'mutation { __typename t: __typename }',
      data: { __typename: 'Mutation', t: 'Mutation' },
      calls: [],
    },
  ],
};

export const mutations: readonly Graph[] = [mutating];
