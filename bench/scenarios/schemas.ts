import {
  data,
  type Product,
  productByUpc,
  type Review,
  reviewsBy,
  reviewsOf,
  shippingEstimate,
  type User,
  userById,
} from './data.ts';

/** A subgraph's schema and what answers it. */
export interface SubgraphSource {
  readonly typeDefs: string;
  readonly resolvers: Record<string, Record<string, unknown>>;
}

const me = () => userById('1');
const topProducts = (args: { first: number }) => data.products.slice(0, args.first);

/** The four subgraphs: products are estimated by inventory from what @requires brings it. */
export const subgraphs: Readonly<Record<string, SubgraphSource>> = {
  users: {
    typeDefs: `
      extend type Query { me: User users: [User] }
      type User @key(fields: "id") { id: ID! name: String username: String birthday: String }`,
    resolvers: {
      Query: { me, users: () => data.users },
      User: { __resolveReference: ({ id }: User) => userById(id) },
    },
  },
  products: {
    typeDefs: `
      extend type Query { topProducts(first: Int = 5): [Product] }
      type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }`,
    resolvers: {
      Query: { topProducts: (_: unknown, args: { first: number }) => topProducts(args) },
      Product: { __resolveReference: ({ upc }: Product) => productByUpc(upc) },
    },
  },
  inventory: {
    typeDefs: `
      extend type Product @key(fields: "upc") {
        upc: String! @external
        weight: Int @external
        price: Int @external
        inStock: Boolean
        shippingEstimate: Int @requires(fields: "price weight")
      }`,
    resolvers: {
      Product: {
        inStock: ({ upc }: Product) => productByUpc(upc)?.inStock,
        shippingEstimate,
      },
    },
  },
  reviews: {
    typeDefs: `
      type Review @key(fields: "id") {
        id: ID!
        body: String
        author: User @provides(fields: "username")
        product: Product
      }
      extend type User @key(fields: "id") {
        id: ID! @external
        username: String @external
        reviews: [Review]
      }
      extend type Product @key(fields: "upc") { upc: String! @external reviews: [Review] }`,
    resolvers: {
      Review: {
        __resolveReference: ({ id }: Review) => data.reviews.find((each) => each.id === id),
        author: ({ authorId }: Review) => userById(authorId),
        product: ({ upc }: Review) => ({ upc }),
      },
      User: { reviews: ({ id }: User) => reviewsBy(id) },
      Product: { reviews: ({ upc }: Product) => reviewsOf(upc) },
    },
  },
};

/** The same graph in one piece, without federation: what every gateway has to answer. */
export const whole: SubgraphSource = {
  typeDefs: `
    type Query { me: User users: [User] topProducts(first: Int = 5): [Product] }
    type User { id: ID! name: String username: String birthday: String reviews: [Review] }
    type Review { id: ID! body: String author: User product: Product }
    type Product {
      upc: String! name: String price: Int weight: Int
      inStock: Boolean shippingEstimate: Int reviews: [Review]
    }`,
  resolvers: {
    Query: {
      me,
      users: () => data.users,
      topProducts: (_: unknown, args: { first: number }) => topProducts(args),
    },
    User: { reviews: ({ id }: User) => reviewsBy(id) },
    Review: {
      author: ({ authorId }: Review) => userById(authorId),
      product: ({ upc }: Review) => productByUpc(upc),
    },
    Product: { shippingEstimate, reviews: ({ upc }: Product) => reviewsOf(upc) },
  },
};
