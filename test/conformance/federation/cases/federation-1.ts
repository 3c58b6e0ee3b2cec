import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';
import { unplanned } from '../planner-faults.ts';

const products = [
  { upc: 'u1', sku: 's1', name: 'Table', price: 100, weight: 10, dims: { size: 'L', weight: 1 } },
  { upc: 'u2', sku: 's2', name: 'Chair', price: 2000, weight: 20, dims: { size: 'S', weight: 2 } },
];
const users = [
  { id: 'a', username: 'ann', email: 'ann@example.com' },
  { id: 'b', username: 'bob', email: 'bob@example.com' },
];
const reviews = [
  { id: 'r1', body: 'good', authorId: 'a', upc: 'u1' },
  { id: 'r2', body: 'bad', authorId: 'b', upc: 'u1' },
];

const withoutLink: Graph = {
  name: 'schemas of Federation 1, without @link',
  subgraphs: {
    accounts: {
      header: '',
      typeDefs: `
        extend type Query { me: User }
        type User @key(fields: "id") { id: ID! username: String email: String }`,
      resolvers: {
        Query: { me: () => users[0] },
        User: { __resolveReference: lookUp(users, 'id') },
      },
    },
    products: {
      header: '',
      typeDefs: `
        extend type Query { top(first: Int = 5): [Product] }
        type Product @key(fields: "upc") @key(fields: "sku") {
          upc: String! sku: String! name: String price: Int weight: Int dims: Dims
        }
        type Dims { size: String weight: Int }`,
      resolvers: {
        Query: { top: (_: unknown, { first }: { first: number }) => products.slice(0, first) },
        Product: { __resolveReference: lookUp(products, 'upc', 'sku') },
      },
    },
    reviews: {
      header: '',
      typeDefs: `
        type Review @key(fields: "id") { id: ID! body: String author: User @provides(fields: "username") product: Product }
        extend type User @key(fields: "id") { id: ID! @external username: String @external reviews: [Review] }
        extend type Product @key(fields: "upc") { upc: String! @external reviews: [Review] }
        extend type Query { reviews: [Review] }`,
      resolvers: {
        Query: { reviews: () => reviews },
        Review: {
          __resolveReference: lookUp(reviews, 'id'),
          author: ({ authorId }: { authorId: string }) => lookUp(users, 'id')({ id: authorId }),
          product: ({ upc }: { upc: string }) => ({ upc }),
        },
        User: {
          reviews: ({ id }: { id: string }) => reviews.filter(({ authorId }) => authorId === id),
        },
        Product: {
          reviews: (given: { upc: string }) => reviews.filter(({ upc }) => upc === given.upc),
        },
      },
    },
    inventory: {
      header: '',
      typeDefs: `
        extend type Product @key(fields: "sku") {
          sku: String! @external weight: Int @external price: Int @external
          dims: Dims @external
          inStock: Boolean
          shipping: Int @requires(fields: "price weight")
          box: String @requires(fields: "dims { size weight }")
        }
        extend type Dims { size: String @external weight: Int @external }`,
      resolvers: {
        Product: {
          inStock: ({ sku }: { sku: string }) => sku === 's1',
          shipping: ({ price, weight }: { price: number; weight: number }) =>
            price > 1000 ? 0 : weight / 2,
          box: ({ dims }: { dims: { size: string; weight: number } }) =>
            `${dims.size}${dims.weight}`,
        },
      },
    },
  },
  cases: [
    {
      promise: 'extended types are joined by the keys of their owners',
      query: '{ me { username reviews { body product { name } } } }',
      data: { me: { username: 'ann', reviews: [{ body: 'good', product: { name: 'Table' } }] } },
    },
    {
      promise: '@requires and @external as they were',
      query: '{ top { name inStock shipping box } }',
      data: {
        top: [
          { name: 'Table', inStock: true, shipping: 5, box: 'L1' },
          { name: 'Chair', inStock: false, shipping: 0, box: 'S2' },
        ],
      },
    },
    {
      promise: '@provides as it was',
      query: '{ reviews { author { username } } }',
      data: { reviews: [{ author: { username: 'ann' } }, { author: { username: 'bob' } }] },
      calls: ['reviews'],
    },
    {
      promise: 'from a key to another key of the owner',
      query: '{ reviews { product { inStock } } }',
      data: { reviews: [{ product: { inStock: true } }, { product: { inStock: true } }] },
      calls: ['inventory', 'products', 'reviews'],
    },
    {
      promise: '@requires of fields that lie on the way to the key',
      query: '{ reviews { product { shipping box } } }',
      data: {
        reviews: [{ product: { shipping: 5, box: 'L1' } }, { product: { shipping: 5, box: 'L1' } }],
      },
      knownFailure: { hive: unplanned },
    },
    {
      promise: 'the keys that are marked external can be asked for where they are',
      query: '{ reviews { product { upc } author { id email } } }',
      data: {
        reviews: [
          { product: { upc: 'u1' }, author: { id: 'a', email: 'ann@example.com' } },
          { product: { upc: 'u1' }, author: { id: 'b', email: 'bob@example.com' } },
        ],
      },
      calls: ['accounts', 'reviews'],
    },
  ],
};

const mixed: Graph = {
  name: 'a schema of Federation 1 beside one of Federation 2',
  subgraphs: {
    first: {
      header: '',
      typeDefs: `
        type Query { items: [Item] page: Page }
        type Item @key(fields: "id") { id: ID! name: String }
        type Page { total: Int kind: String }
        interface Shape { area: Int }
        type Square implements Shape @key(fields: "id") { id: ID! area: Int @external }
        extend type Circle @key(fields: "id") { id: ID! @external corner: String }`,
      resolvers: {
        Query: {
          items: () => [{ id: '1', name: 'one' }],
          page: () => ({ total: 3, kind: 'first' }),
        },
        Item: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'one' }) },
        Circle: { corner: () => 'none' },
      },
    },
    second: {
      typeDefs: `
        type Query { circles: [Circle] paged: Page item: Item }
        type Item @key(fields: "id") { id: ID! size: Int }
        type Page @shareable { total: Int kind: String }
        type Square @key(fields: "id") { id: ID! area: Int }
        type Circle @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: {
          circles: () => [{ id: 'c1' }],
          paged: () => ({ total: 4, kind: 'second' }),
          item: () => ({ id: '1' }),
        },
        Item: { size: () => 7 },
      },
    },
  },
  cases: [
    {
      promise: 'value types of the old kind are shareable',
      query: '{ page { total kind } paged { total kind } }',
      data: { page: { total: 3, kind: 'first' }, paged: { total: 4, kind: 'second' } },
    },
    {
      promise: 'entities are joined in both directions',
      query: '{ items { name size } item { size name } circles { id corner } }',
      data: {
        items: [{ name: 'one', size: 7 }],
        item: { size: 7, name: 'one' },
        circles: [{ id: 'c1', corner: 'none' }],
      },
    },
  ],
};

export const federation1: readonly Graph[] = [withoutLink, mixed];
