import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';
import { aliasesBesideKeys } from '../oracle-faults.ts';

const products = [
  { id: 'p1', sku: 's1', upc: 'u1', name: 'Table', price: 10, stock: 3 },
  { id: 'p2', sku: 's2', upc: 'u2', name: 'Chair', price: 20, stock: 0 },
];

/** No subgraph shares a key with all others: what is asked has to travel over the keys in between. */
const multipleKeys: Graph = {
  name: 'one type with several keys',
  subgraphs: {
    catalog: {
      typeDefs: `
        type Query { products: [Product!]! product(id: ID!): Product }
        type Product @key(fields: "id") @key(fields: "sku") { id: ID! sku: ID! name: String }`,
      resolvers: {
        Query: {
          products: () => products,
          product: (_: unknown, args: { id: string }) => lookUp(products, 'id')(args),
        },
        Product: { __resolveReference: lookUp(products, 'id', 'sku') },
      },
    },
    prices: {
      typeDefs: `
        type Query { cheapest: Product }
        type Product @key(fields: "sku") @key(fields: "upc") { sku: ID! upc: ID! price: Int }`,
      resolvers: {
        Query: { cheapest: () => products[0] },
        Product: { __resolveReference: lookUp(products, 'sku', 'upc') },
      },
    },
    warehouse: {
      typeDefs: `
        type Query { empty: [Product] }
        type Product @key(fields: "upc") { upc: ID! stock: Int }`,
      resolvers: {
        Query: { empty: () => [products[1], null, { upc: 'u9' }] },
        Product: { __resolveReference: lookUp(products, 'upc') },
      },
    },
  },
  cases: [
    {
      promise: 'a field two keys away is reached through the subgraph between',
      query: '{ products { name stock } }',
      data: {
        products: [
          { name: 'Table', stock: 3 },
          { name: 'Chair', stock: 0 },
        ],
      },
      calls: ['catalog', 'prices', 'warehouse'],
    },
    {
      promise: 'the way back over the keys works as well',
      query: '{ empty { stock price name } }',
      data: {
        empty: [
          { stock: 0, price: 20, name: 'Chair' },
          null,
          { stock: null, price: null, name: null },
        ],
      },
    },
    {
      promise: 'an entity that one subgraph does not know has no key of the next, so it is null',
      query: '{ empty { stock id } }',
      data: { empty: [{ stock: 0, id: 'p2' }, null, null] },
      errors: [{ path: ['empty', 2, 'id'] }],
    },
    {
      promise: 'keys that nobody asked for are not answered',
      query: '{ cheapest { stock } }',
      data: { cheapest: { stock: 3 } },
      calls: ['prices', 'warehouse'],
    },
    {
      promise: 'a key that was asked for needs no second call',
      query: '{ cheapest { sku upc } }',
      data: { cheapest: { sku: 's1', upc: 'u1' } },
      calls: ['prices'],
    },
    {
      promise: 'an alias that is the name of a key that nobody needs is an ordinary alias',
      query: '{ product(id: "p1") { id: name price stock } }',
      data: { product: { id: 'Table', price: 10, stock: 3 } },
    },
    {
      promise: 'an alias that is the name of a key that the plan needs does not stand in its way',
      query: '{ product(id: "p1") { sku: name price } }',
      data: { product: { sku: 'Table', price: 10 } },
      oracle: aliasesBesideKeys,
    },
    {
      promise: 'an alias that is the name of a key of another subgraph does not stand in its way',
      query: '{ product(id: "p1") { upc: name price stock } }',
      data: { product: { upc: 'Table', price: 10, stock: 3 } },
      oracle: aliasesBesideKeys,
    },
    {
      promise: 'keys under the names of other keys',
      query: '{ product(id: "p1") { id: name sku: id upc: sku price stock } }',
      data: { product: { id: 'Table', sku: 'p1', upc: 's1', price: 10, stock: 3 } },
      oracle: aliasesBesideKeys,
    },
    {
      promise: 'one entity under two aliases with different fields is two objects',
      query: '{ a: product(id: "p1") { price } b: product(id: "p1") { stock } }',
      data: { a: { price: 10 }, b: { stock: 3 } },
    },
    {
      promise: 'an entity that nobody knows is null and nobody else is asked',
      query: '{ product(id: "none") { name stock } }',
      data: { product: null },
      calls: ['catalog'],
    },
  ],
};

const users = [
  { id: 'u1', org: { id: 'o1' }, tenant: 't1', login: 'ann', email: 'ann@example.com', score: 1 },
  { id: 'u2', org: { id: 'o1' }, tenant: 't2', login: 'ann', email: 'other@example.com', score: 2 },
  { id: 'u3', org: { id: 'o2' }, tenant: 't1', login: 'bob', email: 'bob@example.com', score: 3 },
];

const compositeKeys: Graph = {
  name: 'keys of several fields',
  subgraphs: {
    logins: {
      typeDefs: `
        type Query { users: [User!]! }
        type User @key(fields: "tenant login") @key(fields: "tenant login org { id }") {
          tenant: ID! login: ID! email: String! org: Org! @shareable
        }
        type Org @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: { users: () => users },
        User: { __resolveReference: lookUp(users, 'tenant', 'login') },
      },
    },
    scores: {
      typeDefs: `
        type User @key(fields: "login tenant") { login: ID! tenant: ID! score: Int! }
        type Query { best: User }`,
      resolvers: {
        Query: { best: () => users[2] },
        User: { __resolveReference: lookUp(users, 'login', 'tenant') },
      },
    },
    organizations: {
      typeDefs: `
        type User @key(fields: "tenant login org { id }") { tenant: ID! login: ID! org: Org! @shareable badge: String }
        type Org @key(fields: "id") { id: ID! }
        type Query { badges: [User!]! }`,
      resolvers: {
        Query: { badges: () => users },
        User: { badge: ({ login, org }: { login: string; org: Org }) => `${login}@${org.id}` },
      },
    },
  },
  cases: [
    {
      promise: 'entities are told apart by all fields of their key',
      query: '{ users { login score } }',
      data: {
        users: [
          { login: 'ann', score: 1 },
          { login: 'ann', score: 2 },
          { login: 'bob', score: 3 },
        ],
      },
    },
    {
      promise: 'the order of the fields in the key does not matter',
      query: '{ best { email } }',
      data: { best: { email: 'bob@example.com' } },
    },
    {
      promise: 'a smaller key is contained in a larger one',
      query: '{ badges { badge email score } }',
      data: {
        badges: [
          { badge: 'ann@o1', email: 'ann@example.com', score: 1 },
          { badge: 'ann@o1', email: 'other@example.com', score: 2 },
          { badge: 'bob@o2', email: 'bob@example.com', score: 3 },
        ],
      },
    },
    {
      promise: 'the fields of a composite key can all be aliased',
      query: '{ best { tenant: login login: tenant mail: email } }',
      data: { best: { tenant: 'bob', login: 't1', mail: 'bob@example.com' } },
      oracle: aliasesBesideKeys,
    },
  ],
};

interface Org {
  readonly id: string;
}

const lines = [
  { order: { id: 'o1', shop: { code: 's1' } }, position: 1, text: 'first', weight: 5 },
  { order: { id: 'o1', shop: { code: 's2' } }, position: 1, text: 'second', weight: 6 },
];
const lineOf = ({
  order,
  position,
}: {
  order: { id: string; shop: { code: string } };
  position: number;
}) =>
  lines.find(
    (line) =>
      line.order.id === order.id &&
      line.order.shop.code === order.shop.code &&
      line.position === position,
  ) ?? null;

const nestedKeys: Graph = {
  name: 'keys with selections inside',
  subgraphs: {
    orders: {
      typeDefs: `
        type Query { lines: [Line!]! }
        type Line @key(fields: "order { id shop { code } } position") { order: Order! position: Int! text: String }
        type Order @shareable { id: ID! shop: Shop! }
        type Shop @shareable { code: ID! }`,
      resolvers: { Query: { lines: () => lines }, Line: { __resolveReference: lineOf } },
    },
    shipping: {
      typeDefs: `
        type Query { heaviest: Line }
        type Line @key(fields: "position order { shop { code } id }") { order: Order! position: Int! weight: Int }
        type Order @shareable { id: ID! shop: Shop! }
        type Shop @shareable { code: ID! }`,
      resolvers: { Query: { heaviest: () => lines[1] }, Line: { __resolveReference: lineOf } },
    },
  },
  cases: [
    {
      promise: 'a key may hold fields of fields',
      query: '{ lines { text weight } }',
      data: {
        lines: [
          { text: 'first', weight: 5 },
          { text: 'second', weight: 6 },
        ],
      },
    },
    {
      promise: 'a part of a nested key that the client asks for too is answered, the rest is not',
      query: '{ heaviest { order { shop { code } } text } }',
      data: { heaviest: { order: { shop: { code: 's2' } }, text: 'second' } },
    },
    {
      promise: 'nested parts of a key can be aliased at every level',
      query:
        '{ heaviest { position: weight order: text o: order { shop: id id: shop { code: __typename } } } }',
      data: {
        heaviest: { position: 6, order: 'second', o: { shop: 'o1', id: { code: 'Shop' } } },
      },
      oracle: aliasesBesideKeys,
    },
  ],
};

export const keys: readonly Graph[] = [multipleKeys, compositeKeys, nestedKeys];
