import type { ExplainedSubgraph } from '../../support/explained-gateway.ts';

type Entity = { readonly id: string };

const book = ({ id }: Entity) => ({ __typename: 'Book', id, name: `book ${id}`, price: '1.50' });
const film = ({ id }: Entity) => ({ __typename: 'Film', id, name: `film ${id}`, price: '9.90' });
const all = [book({ id: '1' }), film({ id: '2' })];
const itself = (reference: Entity): Entity => reference;

/** Guarded scalars and enums, values that two subgraphs share, and an entity of which one knows no more than the key. */
export const shop: Readonly<Record<string, ExplainedSubgraph>> = {
  catalog: {
    typeDefs: `
      type Query { items(stage: Stage): [Item] books: [Book] }
      enum Stage { PUBLISHED DRAFT }
      interface Item { id: ID name: String price: Price }
      scalar Price @requiresScopes(scopes: [["s2"]])
      type Book implements Item @key(fields: "id") { id: ID name: String price: Price pages: Int }
      type Film implements Item @key(fields: "id") {
        id: ID name: String price: Price rating: Rating @policy(policies: [["p1"]])
      }
      enum Rating @authenticated { U R }`,
    resolvers: {
      Query: { items: () => all, books: () => [book({ id: '3' })] },
      Book: { __resolveReference: book, pages: () => 100 },
      Film: { __resolveReference: film, rating: () => 'R' },
    },
  },
  stock: {
    typeDefs: `
      type Query { warehouses: [Warehouse] }
      type Book @key(fields: "id") { id: ID inStock: Int where: Warehouse }
      type Film @key(fields: "id") { id: ID inStock: Int @requiresScopes(scopes: [["s3"]]) }
      type Warehouse @key(fields: "id") { id: ID place: Place }
      type Place @shareable { city: String code: Int @policy(policies: [["p3"]]) }`,
    resolvers: {
      Query: { warehouses: () => [{ id: 'w1' }] },
      Book: { __resolveReference: itself, inStock: () => 4, where: () => ({ id: 'w1' }) },
      Film: { __resolveReference: itself, inStock: () => 5 },
      Warehouse: {
        __resolveReference: itself,
        place: ({ id }: Entity) => ({ city: `city of ${id}`, code: 8 }),
      },
    },
  },
  shipping: {
    typeDefs: `
      type Warehouse @key(fields: "id") { id: ID days: Int nearest: [Book] @authenticated }
      type Book @key(fields: "id") { id: ID weight: Int }
      type Query { home: Place }
      type Place @shareable { city: String code: Int @policy(policies: [["p3"]]) }`,
    resolvers: {
      Query: { home: () => ({ city: 'home', code: 1 }) },
      Warehouse: {
        __resolveReference: itself,
        days: () => 2,
        nearest: () => [{ id: '1' }],
      },
      Book: { __resolveReference: itself, weight: () => 300 },
    },
  },
};
