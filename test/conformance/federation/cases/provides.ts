import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';

const authors = [
  { id: 'a1', name: 'Ann', born: 1960, address: { city: 'Bern', street: 'Gasse' } },
  { id: 'a2', name: 'Bob', born: 1970, address: { city: 'Rome', street: 'Via' } },
];
const books = [
  { id: 'b1', title: 'Emma', author: authors[0] },
  { id: 'b2', title: 'Nora', author: authors[1] },
];

/** Only what `Query.placed` provides; whoever asks for more here is answered with null. */
const placedBook = { id: 'b2', author: { id: 'a2', address: { city: 'Rome' } } };

const plain: Graph = {
  name: '@provides of entities',
  subgraphs: {
    authors: {
      typeDefs: `
        type Query { authors: [Author!]! }
        type Author @key(fields: "id") { id: ID! name: String @shareable born: Int address: Address @shareable }
        type Address @shareable { city: String street: String }`,
      resolvers: {
        Query: { authors: () => authors },
        Author: { __resolveReference: lookUp(authors, 'id') },
      },
    },
    books: {
      typeDefs: `
        type Query {
          books: [Book!]!
          named: [Book!]! @provides(fields: "author { name }")
          placed: Book @provides(fields: "author { address { city } }")
        }
        type Book @key(fields: "id") { id: ID! title: String author: Author! signed: Author @provides(fields: "name") }
        type Author @key(fields: "id") { id: ID! name: String @external address: Address @external }
        type Address { city: String @external }`,
      resolvers: {
        Query: { books: () => books, named: () => books, placed: () => placedBook },
        Book: {
          __resolveReference: lookUp(books, 'id'),
          signed: ({ author }: { author: unknown }) => author,
        },
      },
    },
  },
  cases: [
    {
      promise: 'without @provides the owner of the field is asked',
      query: '{ books { author { name } } }',
      data: { books: [{ author: { name: 'Ann' } }, { author: { name: 'Bob' } }] },
      calls: ['authors', 'books'],
    },
    {
      promise: 'a root field provides fields below it without another call',
      query: '{ named { author { id name } } }',
      data: {
        named: [{ author: { id: 'a1', name: 'Ann' } }, { author: { id: 'a2', name: 'Bob' } }],
      },
      calls: ['books'],
    },
    {
      promise: 'what is asked beside the provided fields comes from their owner',
      query: '{ named { author { name born } } }',
      data: {
        named: [{ author: { name: 'Ann', born: 1960 } }, { author: { name: 'Bob', born: 1970 } }],
      },
      calls: ['authors', 'books'],
    },
    {
      promise: 'a nested field is provided',
      query: '{ placed { author { address { city } } } }',
      data: { placed: { author: { address: { city: 'Rome' } } } },
      calls: ['books'],
    },
    {
      promise:
        'the part of a nested object that is not provided is fetched and joined with the one that is',
      query: '{ placed { author { address { city street } } } }',
      data: { placed: { author: { address: { city: 'Rome', street: 'Via' } } } },
      calls: ['authors', 'books'],
    },
    {
      promise: 'a field of an entity provides, also when the entity was reached by its key',
      query: '{ books { signed { n: name } } }',
      data: {
        books: [{ signed: { n: 'Ann' } }, { signed: { n: 'Bob' } }],
      },
      calls: ['books'],
    },
    {
      promise: 'provided here, fetched there, in one operation',
      query: '{ named { author { n: name } } books { author { n: name } } }',
      data: {
        named: [{ author: { n: 'Ann' } }, { author: { n: 'Bob' } }],
        books: [{ author: { n: 'Ann' } }, { author: { n: 'Bob' } }],
      },
    },
  ],
};

const feed = [
  {
    __typename: 'Song',
    id: 's1',
    title: 'Hello',
    artist: { id: 'x1', name: 'Ada', genre: 'folk' },
  },
  { __typename: 'Talk', id: 't1', title: 'Why', host: { id: 'x2', name: 'Max', genre: 'talk' } },
];
const people = [
  { id: 'x1', name: 'Ada', genre: 'folk' },
  { id: 'x2', name: 'Max', genre: 'talk' },
];

const abstract: Graph = {
  name: '@provides on interfaces and unions',
  subgraphs: {
    people: {
      typeDefs: `
        type Query { people: [Person!]! }
        type Person @key(fields: "id") { id: ID! name: String @shareable genre: String }
        interface Track { id: ID! title: String }
        type Song implements Track @key(fields: "id") { id: ID! title: String @shareable length: Int }
        type Talk implements Track @key(fields: "id") { id: ID! title: String @shareable length: Int }`,
      resolvers: {
        Query: { people: () => people },
        Person: { __resolveReference: lookUp(people, 'id') },
        Song: { __resolveReference: lookUp(feed, 'id'), length: () => 3 },
        Talk: { __resolveReference: lookUp(feed, 'id'), length: () => 60 },
      },
    },
    feed: {
      typeDefs: `
        type Query {
          feed: [Item!]! @provides(fields: "... on Song { artist { name } }")
          tracks: [Track!]! @provides(fields: "... on Song { title } ... on Talk { title }")
          mixed: [Track!]! @provides(fields: "... on Song { title artist { name } } ... on Talk { host { name } }")
        }
        union Item = Song | Talk
        interface Track { id: ID! title: String }
        type Song implements Track @key(fields: "id") { id: ID! title: String @external artist: Person! }
        type Talk implements Track @key(fields: "id") { id: ID! title: String @external host: Person! }
        type Person @key(fields: "id") { id: ID! name: String @external }`,
      resolvers: {
        Query: { feed: () => feed, tracks: () => feed, mixed: () => feed },
        Song: { __resolveReference: lookUp(feed, 'id') },
        Talk: { __resolveReference: lookUp(feed, 'id') },
      },
    },
  },
  cases: [
    {
      promise: 'a fragment of @provides on a union holds for its own type',
      query: '{ feed { ... on Song { artist { name } } } }',
      data: { feed: [{ artist: { name: 'Ada' } }, {}] },
      calls: ['feed'],
    },
    {
      promise: 'the other types of the union are fetched',
      query: '{ feed { ... on Song { artist { name } } ... on Talk { host { name } } } }',
      data: { feed: [{ artist: { name: 'Ada' } }, { host: { name: 'Max' } }] },
      calls: ['feed', 'people'],
    },
    {
      promise: 'a field of an interface is provided for all its types',
      query: '{ tracks { title } }',
      data: { tracks: [{ title: 'Hello' }, { title: 'Why' }] },
      calls: ['feed'],
    },
    {
      promise: 'a provided field of an interface stands beside one that has to be fetched',
      query: '{ tracks { title ... on Song { length } ... on Talk { length } } }',
      data: {
        tracks: [
          { title: 'Hello', length: 3 },
          { title: 'Why', length: 60 },
        ],
      },
      calls: ['feed', 'people'],
    },
    {
      promise: 'fragments of @provides on an interface hold type by type',
      query: '{ mixed { ... on Song { title artist { name } } ... on Talk { host { name } } } }',
      data: {
        mixed: [{ title: 'Hello', artist: { name: 'Ada' } }, { host: { name: 'Max' } }],
      },
      calls: ['feed'],
    },
    {
      promise:
        'objects are there although fragments that contradict each other ask nothing of them',
      query: '{ mixed { ... on Song { ... on Item { ... on Talk { id } } } } people { id } }',
      data: { mixed: [{}, {}], people: [{ id: 'x1' }, { id: 'x2' }] },
      calls: ['feed', 'people'],
    },
    {
      promise: 'the same through named fragments',
      query:
        'query { mixed { ... on Song { ...Item } } __typename } fragment Item on Item { ...Talk ...Talk } fragment Talk on Talk { host { id } }',
      data: { mixed: [{}, {}], __typename: 'Query' },
      calls: ['feed'],
    },
    {
      promise: 'what a fragment does not provide for one type is fetched for that type only',
      query: '{ mixed { title } }',
      data: { mixed: [{ title: 'Hello' }, { title: 'Why' }] },
      calls: ['feed', 'people'],
    },
  ],
};

export const provides: readonly Graph[] = [plain, abstract];
