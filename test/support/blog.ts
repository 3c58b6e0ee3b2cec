import type { SubgraphFixture } from './subgraph-server.ts';

const users = [
  { id: '1', name: 'Ann', status: 'ACTIVE' },
  { id: '2', name: 'Bob', status: 'SECRET' },
];
const posts = [
  { id: 'p1', title: 'One', authorId: '1', weight: 3 },
  { id: 'p2', title: 'Tw"o\u2028\u00e9', authorId: '2', weight: null },
  { id: 'p3', title: 'Three', authorId: '1', weight: 5 },
];

const find =
  <Item extends { id: string }>(items: readonly Item[]) =>
  ({ id }: { id: string }): Item | null =>
    items.find((item) => item.id === id) ?? null;

/** Three subgraphs that cross: people, what they write, and what it costs to ship it. */
export const blog = {
  users: {
    typeDefs: `
      type Query { me: User users: [User!]! user(id: ID!): User node(id: ID!): Node }
      interface Node { id: ID! }
      type User implements Node @key(fields: "id") {
        id: ID! name: String! status(x: Int = 3): Status broken: String brokenTwice: String!
      }
      enum Status { ACTIVE SECRET @inaccessible }`,
    resolvers: {
      Query: {
        me: () => users[0],
        users: () => users,
        user: (_: unknown, { id }: { id: string }) => find(users)({ id }),
        node: (_: unknown, { id }: { id: string }) => ({
          __typename: 'User',
          ...find(users)({ id }),
        }),
      },
      User: {
        __resolveReference: find(users),
        broken: ({ id }: { id: string }) => {
          throw new Error(`broken ${id}`);
        },
        brokenTwice: () => {
          throw Object.assign(new Error('no'), {
            extensions: { code: 'TEAPOT', stacktrace: ['x'] },
          });
        },
      },
    },
  },
  posts: {
    typeDefs: `
      type Query {
        posts: [Post!]! feed: [Item!]! hello: String
        add(a: Int!, b: Int = 2): Int echo(value: Anything): Anything grid: [[Post]!]
      }
      scalar Anything
      type Mutation { addPost(title: String!): Post next: Int! }
      union Item = Post | Ad
      type Ad @key(fields: "id") { id: ID! owner: User author: User! }
      type Post @key(fields: "id") { id: ID! title: String! author: User! weight: Int }
      type User @key(fields: "id") { id: ID! posts(first: Int): [Post!]! }`,
    resolvers: (() => {
      let count = 0;
      return {
        Query: {
          posts: () => posts,
          feed: () => [
            { __typename: 'Post', ...posts[0] },
            { __typename: 'Ad', id: 'a1', owner: { id: '2' }, author: { id: '2' } },
            { __typename: 'Ad', id: 'a2', owner: { id: '1' }, author: { id: '1' } },
          ],
          hello: () => 'hi',
          add: (_: unknown, { a, b }: { a: number; b: number }) => a + b,
          echo: (_: unknown, { value }: { value: unknown }) => value,
          grid: () => [[posts[0], null], [posts[1]], []],
        },
        Mutation: {
          addPost: (_: unknown, { title }: { title: string }) => ({
            id: 'p1',
            title,
            authorId: '1',
            weight: 3,
          }),
          next: () => ++count,
        },
        Post: {
          __resolveReference: find(posts),
          author: ({ authorId }: { authorId: string }) => ({ id: authorId }),
        },
        User: {
          posts: ({ id }: { id: string }, { first = 9 }: { first?: number }) =>
            posts.filter((post) => post.authorId === id).slice(0, first),
        },
      };
    })(),
  },
  shipping: {
    typeDefs: `
      type Post @key(fields: "id") {
        id: ID! weight: Int @external shipping(unit: String): Int @requires(fields: "weight")
      }`,
    resolvers: {
      Post: {
        __resolveReference: (post: unknown) => post,
        shipping: ({ weight }: { weight: number | null }) => (weight === null ? null : weight * 10),
      },
    },
  },
} satisfies Record<string, SubgraphFixture>;
