import type { ExplainedSubgraph } from '../../support/explained-gateway.ts';

type Entity = { readonly id: string };

const post = ({ id }: Entity) => ({ __typename: 'Post', id, title: `post ${id}` });
const ad = ({ id }: Entity) => ({ __typename: 'Ad', id, title: `ad ${id}` });
const person = ({ id }: Entity) => ({ __typename: 'Person', id });
const one = { id: '1' };
const two = { id: '2' };

/**
 * Three subgraphs that cross, guarded in every way. Nothing in them is null, and a list holds objects of all types that
 * it can: what is planned is called.
 */
export const magazine: Readonly<Record<string, ExplainedSubgraph>> = {
  posts: {
    typeDefs: `
      type Query {
        posts(stage: Stage = PUBLISHED, locale: Locale): [Post]
        post(id: ID): Post
        feed: [Item]
        nodes(locale: Locale = en): [Node]
        topPosts: [Post] @access(on: "Post")
      }
      enum Stage { PUBLISHED DRAFT }
      enum Locale { en de }
      interface Node { id: ID title: String }
      union Item = Post | Ad
      type Post implements Node @key(fields: "id") {
        id: ID
        title: String
        author: Person
        secret: String @requiresScopes(scopes: [["s1"], ["s2", "s3"]])
        draft: String @policy(policies: [["p1"]])
      }
      type Ad implements Node @key(fields: "id") @authenticated {
        id: ID title: String owner: Person price: Int @policy(policies: [["p2", "p3"]])
      }
      type Person @key(fields: "id") { id: ID posts: [Post] }`,
    resolvers: {
      Query: {
        posts: () => [post(one), post(two)],
        post: () => post(one),
        feed: () => [post(one), ad(two)],
        nodes: () => [ad(one), post(two)],
        topPosts: () => [post(two)],
      },
      Post: {
        __resolveReference: post,
        author: person,
        secret: ({ id }: Entity) => `secret ${id}`,
        draft: ({ id }: Entity) => `draft ${id}`,
      },
      Ad: { __resolveReference: ad, owner: person, price: () => 7 },
      Person: { __resolveReference: person, posts: () => [post(one)] },
    },
  },
  people: {
    typeDefs: `
      type Query { people: [Person] me: Person @authenticated }
      type Person @key(fields: "id") {
        id: ID
        name: String
        email: String @policy(policies: [["p2"], ["p1", "p3"]])
        boss: Person
      }`,
    resolvers: {
      Query: { people: () => [person(one), person(two)], me: () => person(one) },
      Person: {
        __resolveReference: person,
        name: ({ id }: Entity) => `person ${id}`,
        email: ({ id }: Entity) => `${id}@example.com`,
        boss: () => person(two),
      },
    },
  },
  ratings: {
    typeDefs: `
      type Post @key(fields: "id") {
        id: ID
        title: String @external
        stars: Int @requires(fields: "title")
        notes: [Note]
      }
      type Ad @key(fields: "id") { id: ID clicks: Int }
      type Note @requiresScopes(scopes: [["s1"]]) { text: String post: Post }
      type Person @key(fields: "id") { id: ID score: Int @authenticated }`,
    resolvers: {
      Post: {
        __resolveReference: (reference: Entity) => reference,
        stars: ({ title }: { readonly title: string }) => title.length,
        notes: ({ id }: Entity) => [{ text: `note on ${id}`, post: { id } }],
      },
      Ad: { __resolveReference: (reference: Entity) => reference, clicks: () => 3 },
      Note: { post: ({ post: { id } }: { readonly post: Entity }) => ({ id }) },
      Person: { __resolveReference: (reference: Entity) => reference, score: () => 5 },
    },
  },
};
