import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';

const articles = [
  { id: 'a1', title: 'One', author: { id: 'w1', name: 'Ann' } },
  { id: 'a2', title: 'Two', author: { id: 'w2', name: 'Bob' } },
];

const nonResolvableKeys: Graph = {
  name: 'keys that cannot be resolved',
  subgraphs: {
    articles: {
      typeDefs: `
        type Query { articles: [Article!]! }
        type Article @key(fields: "id") { id: ID! title: String author: Writer! }
        type Writer @key(fields: "id", resolvable: false) { id: ID! }`,
      resolvers: {
        Query: { articles: () => articles },
        Article: { __resolveReference: lookUp(articles, 'id') },
      },
    },
    writers: {
      typeDefs: `
        type Query { writers: [Writer!]! }
        type Writer @key(fields: "id") { id: ID! name: String latest: Article }
        type Article @key(fields: "id", resolvable: false) { id: ID! }`,
      resolvers: {
        Query: { writers: () => articles.map(({ author }) => author) },
        Writer: {
          __resolveReference: lookUp(
            articles.map(({ author }) => author),
            'id',
          ),
          latest: ({ id }: { id: string }) => ({
            id: articles.find(({ author }) => author.id === id)?.id,
          }),
        },
      },
    },
  },
  cases: [
    {
      promise: 'a stub with a key that cannot be resolved is filled by whoever resolves it',
      query: '{ articles { author { name } } }',
      data: { articles: [{ author: { name: 'Ann' } }, { author: { name: 'Bob' } }] },
      calls: ['articles', 'writers'],
    },
    {
      promise: 'the key alone needs nobody else',
      query: '{ writers { latest { id } } }',
      data: { writers: [{ latest: { id: 'a1' } }, { latest: { id: 'a2' } }] },
      calls: ['writers'],
    },
    {
      promise: 'from stub to stub and back',
      query: '{ articles { author { latest { title author { latest { id title } } } } } }',
      data: {
        articles: [
          { author: { latest: { title: 'One', author: { latest: { id: 'a1', title: 'One' } } } } },
          { author: { latest: { title: 'Two', author: { latest: { id: 'a2', title: 'Two' } } } } },
        ],
      },
    },
  ],
};

const media = [
  { __typename: 'Book', id: 'b1', title: 'Emma', pages: 400, views: 7 },
  { __typename: 'Film', id: 'f1', title: 'Alien', minutes: 117, views: 9 },
];

const oddKeys: Graph = {
  name: 'keys of unusual types',
  subgraphs: {
    shelf: {
      typeDefs: `
        type Query { media: [Medium!]! slots: [Slot!]! }
        interface Medium @key(fields: "id") { id: ID! title: String! }
        type Book implements Medium @key(fields: "id") { id: ID! title: String! pages: Int }
        type Film implements Medium @key(fields: "id") { id: ID! title: String! minutes: Int }
        enum Side { LEFT RIGHT }
        type Slot @key(fields: "row side free weight") { row: Int! side: Side! free: Boolean! weight: Float! label: String }`,
      resolvers: {
        Query: {
          media: () => media,
          slots: () => [
            { row: 1, side: 'LEFT', free: true, weight: 0.5, label: 'a' },
            { row: 1, side: 'RIGHT', free: false, weight: 1e21, label: 'b' },
          ],
        },
        Medium: { __resolveReference: lookUp(media, 'id') },
        Book: { __resolveReference: lookUp(media, 'id') },
        Film: { __resolveReference: lookUp(media, 'id') },
      },
    },
    counts: {
      typeDefs: `
        type Query { mostViewed: Film }
        type Book @key(fields: "id") { id: ID! views: Int }
        type Film @key(fields: "id") { id: ID! views: Int }
        enum Side { LEFT RIGHT }
        type Slot @key(fields: "row side free weight") { row: Int! side: Side! free: Boolean! weight: Float! echo: String }`,
      resolvers: {
        Query: { mostViewed: () => media[1] },
        Book: { __resolveReference: lookUp(media, 'id') },
        Film: { __resolveReference: lookUp(media, 'id') },
        Slot: {
          echo: (slot: Record<string, unknown>) =>
            JSON.stringify([slot.row, slot.side, slot.free, slot.weight]),
        },
      },
    },
  },
  cases: [
    {
      promise: 'numbers, booleans and enum values in a key keep their type',
      query: '{ slots { label echo } }',
      data: {
        slots: [
          { label: 'a', echo: '[1,"LEFT",true,0.5]' },
          { label: 'b', echo: '[1,"RIGHT",false,1e+21]' },
        ],
      },
    },
    {
      promise: 'an interface with a key is filled type by type where only its types are known',
      query: '{ media { title ... on Book { pages views } ... on Film { views minutes } } }',
      data: {
        media: [
          { title: 'Emma', pages: 400, views: 7 },
          { title: 'Alien', views: 9, minutes: 117 },
        ],
      },
    },
    {
      promise: 'one type of an interface leads to the others through its key',
      query: '{ mostViewed { views minutes title } }',
      data: { mostViewed: { views: 9, minutes: 117, title: 'Alien' } },
    },
  ],
};

export const keyKinds: readonly Graph[] = [nonResolvableKeys, oddKeys];
