import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';
import { incomplete, unplanned } from '../planner-faults.ts';

const media = [
  { __typename: 'Book', id: 'm1', title: 'Emma', pages: 400 },
  { __typename: 'Film', id: 'm2', title: 'Alien', minutes: 117 },
  { __typename: 'Book', id: 'm3', title: 'Nora', pages: 90 },
];
const reviews = [
  { id: 'r1', mediumId: 'm1', stars: 5 },
  { id: 'r2', mediumId: 'm2', stars: 4 },
  { id: 'r3', mediumId: 'm1', stars: 1 },
];

const mediaAndReviews: Graph = {
  name: '@interfaceObject',
  subgraphs: {
    media: {
      typeDefs: `
        type Query { media: [Medium!]! books: [Book!]! any: [Thing] medium(id: ID!): Medium }
        interface Medium @key(fields: "id") { id: ID! title: String! }
        type Book implements Medium @key(fields: "id") { id: ID! title: String! pages: Int }
        type Film implements Medium @key(fields: "id") { id: ID! title: String! minutes: Int }
        type Poster { text: String medium: Medium }
        union Thing = Book | Poster`,
      resolvers: {
        Query: {
          media: () => media,
          medium: (_: unknown, args: { id: string }) => lookUp(media, 'id')(args),
          books: () => media.filter(({ __typename }) => __typename === 'Book'),
          any: () => [
            media[2],
            { __typename: 'Poster', text: 'soon', medium: media[1] },
            null,
            { __typename: 'Poster', text: 'empty', medium: null },
          ],
        },
        Medium: { __resolveReference: lookUp(media, 'id') },
        Book: { __resolveReference: lookUp(media, 'id') },
        Film: { __resolveReference: lookUp(media, 'id') },
      },
    },
    reviews: {
      typeDefs: `
        type Query { best: Medium reviews: [Review!]! lost: Medium rated(min: Int = 4): [Medium!]! }
        type Mutation { rate(id: ID!, stars: Int!): Medium }
        type Medium @key(fields: "id") @interfaceObject {
          id: ID!
          reviews(min: Int = 0): [Review!]!
          average: Float
          title: String! @external
          headline: String @requires(fields: "title")
        }
        type Review @key(fields: "id") { id: ID! stars: Int! medium: Medium! }`,
      resolvers: {
        Query: {
          best: () => ({ id: 'm1' }),
          reviews: () => reviews,
          lost: () => ({ id: 'none' }),
          rated: (_: unknown, { min }: { min: number }) =>
            reviews.filter(({ stars }) => stars >= min).map(({ mediumId }) => ({ id: mediumId })),
        },
        Mutation: { rate: (_: unknown, { id }: { id: string }) => ({ id }) },
        Medium: {
          reviews: ({ id }: { id: string }, { min }: { min: number }) =>
            reviews.filter(({ mediumId, stars }) => mediumId === id && stars >= min),
          average: ({ id }: { id: string }) => {
            const own = reviews.filter(({ mediumId }) => mediumId === id);
            return own.length === 0
              ? null
              : own.reduce((sum, { stars }) => sum + stars, 0) / own.length;
          },
          headline: ({ title }: { title: string }) => `Read: ${title}`,
        },
        Review: {
          __resolveReference: lookUp(reviews, 'id'),
          medium: ({ mediumId }: { mediumId: string }) => ({ id: mediumId }),
        },
      },
    },
    shop: {
      typeDefs: `
        type Medium @key(fields: "id") @interfaceObject {
          id: ID!
          price: Int
          average: Float @external
          offer: String @requires(fields: "average")
        }`,
      resolvers: {
        Medium: {
          price: ({ id }: { id: string }) => Number(id.slice(1)) * 10,
          offer: ({ average }: { average: number | null }) => `at ${average}`,
        },
      },
    },
  },
  cases: [
    {
      promise: 'the fields of the interface object are fields of every type of the interface',
      query: '{ media { title average } }',
      data: {
        media: [
          { title: 'Emma', average: 3 },
          { title: 'Alien', average: 4 },
          { title: 'Nora', average: null },
        ],
      },
    },
    {
      promise: 'a concrete type has them too, with arguments',
      query: '{ books { pages reviews(min: 3) { stars } } }',
      data: {
        books: [
          { pages: 400, reviews: [{ stars: 5 }] },
          { pages: 90, reviews: [] },
        ],
      },
    },
    {
      promise: 'from the interface object to the fields of the interface',
      query: '{ best { title average } }',
      data: { best: { title: 'Emma', average: 3 } },
    },
    {
      promise: 'from the interface object to a concrete type, which only its owner knows',
      query: '{ rated { ... on Film { minutes } ... on Book { pages } } }',
      data: { rated: [{ pages: 400 }, { minutes: 117 }] },
    },
    {
      promise:
        'from the interface object to its own fields, which each concrete type calls otherwise',
      query: '{ rated { ... on Film { film: average } ... on Book { book: average } id } }',
      data: {
        rated: [
          { book: 3, id: 'm1' },
          { film: 4, id: 'm2' },
        ],
      },
      knownFailure: { hive: incomplete },
    },
    {
      promise: '__typename of an interface object is that of the concrete type',
      query: '{ best { __typename } reviews { medium { t: __typename } } }',
      data: {
        best: { __typename: 'Book' },
        reviews: [{ medium: { t: 'Book' } }, { medium: { t: 'Film' } }, { medium: { t: 'Book' } }],
      },
    },
    {
      promise: 'a field of its own needs no concrete type',
      query: '{ best { id average } }',
      data: { best: { id: 'm1', average: 3 } },
    },
    {
      promise: 'a fragment on a concrete type guards a field of the interface object',
      query: '{ rated { id ... on Book { average } } }',
      data: { rated: [{ id: 'm1', average: 3 }, { id: 'm2' }] },
    },
    {
      promise: 'a fragment on a concrete type guards the fields of two interface objects',
      query: '{ media { ... on Film { price average __typename } ... on Book { price } } }',
      data: {
        media: [{ price: 10 }, { price: 20, average: 4, __typename: 'Film' }, { price: 30 }],
      },
      oracle:
        'It answers nothing where only fragments on concrete types need a fetch of an interface object.',
    },
    {
      promise: 'from one interface object to another through the interface',
      query: '{ best { price title } }',
      data: { best: { price: 10, title: 'Emma' } },
    },
    {
      promise: '@requires of a field of the interface',
      query: '{ media { headline } best { headline } }',
      data: {
        media: [
          { headline: 'Read: Emma' },
          { headline: 'Read: Alien' },
          { headline: 'Read: Nora' },
        ],
        best: { headline: 'Read: Emma' },
      },
    },
    {
      promise: '@requires of a field of another interface object',
      query: '{ media { offer } books { offer } best { offer } }',
      data: {
        media: [{ offer: 'at 3' }, { offer: 'at 4' }, { offer: 'at null' }],
        books: [{ offer: 'at 3' }, { offer: 'at null' }],
        best: { offer: 'at 3' },
      },
    },
    {
      promise: 'inside a union, a list and an object',
      query:
        '{ any { __typename ... on Book { price title } ... on Poster { medium { average ... on Film { minutes } } } } }',
      data: {
        any: [
          { __typename: 'Book', price: 30, title: 'Nora' },
          { __typename: 'Poster', medium: { average: 4, minutes: 117 } },
          null,
          { __typename: 'Poster', medium: null },
        ],
      },
    },
    {
      promise: 'there and back and there again',
      query:
        '{ reviews { medium { title reviews(min: 5) { medium { ... on Book { pages } price } } } } }',
      data: {
        reviews: [
          { medium: { title: 'Emma', reviews: [{ medium: { pages: 400, price: 10 } }] } },
          { medium: { title: 'Alien', reviews: [] } },
          { medium: { title: 'Emma', reviews: [{ medium: { pages: 400, price: 10 } }] } },
        ],
      },
    },
    {
      promise: 'aliases everywhere',
      query:
        '{ id: best { title: id id: title a: average b: average price: __typename p: price } }',
      data: { id: { title: 'm1', id: 'Emma', a: 3, b: 3, price: 'Book', p: 10 } },
    },
    {
      promise: 'a mutation answers with an interface object',
      query:
        'mutation { rate(id: "m2", stars: 3) { __typename title ... on Film { minutes } average } }',
      data: { rate: { __typename: 'Film', title: 'Alien', minutes: 117, average: 4 } },
    },
    {
      promise: 'a condition on the way to an interface object',
      query: 'query ($no: Boolean!) { reviews { ... @skip(if: $no) { medium { title } } stars } }',
      variables: { no: false },
      data: {
        reviews: [
          { medium: { title: 'Emma' }, stars: 5 },
          { medium: { title: 'Alien' }, stars: 4 },
          { medium: { title: 'Emma' }, stars: 1 },
        ],
      },
    },
    {
      promise: 'a condition on the interface inside a concrete type',
      query: `query ($no: Boolean!) {
        medium(id: "m1") { ... on Book { pages ... on Medium @skip(if: $no) { average } } }
      }`,
      variables: { no: false },
      data: { medium: { pages: 400, average: 3 } },
    },
    {
      promise: '@requires of a field of the interface, from the interface through its own entities',
      query: '{ medium(id: "m1") { reviews(min: 5) { medium { headline } } } }',
      data: { medium: { reviews: [{ medium: { headline: 'Read: Emma' } }] } },
      knownFailure: { hive: unplanned },
    },
    {
      promise: 'an interface object that the interface does not know is null when its type matters',
      query: '{ lost { __typename id } }',
      data: { lost: null },
      errors: [{ path: ['lost'] }],
    },
    {
      promise: '@skip and @include hold on both sides',
      query: `query ($yes: Boolean!, $no: Boolean!) {
        rated { ... on Book @include(if: $yes) { pages } average @skip(if: $no) title @include(if: $no) ... @skip(if: $yes) { price } }
      }`,
      variables: { yes: true, no: false },
      data: { rated: [{ pages: 400, average: 3 }, { average: 4 }] },
    },
  ],
};

const unasked =
  'it does not ask for it and answers null, so that nobody learns that nobody was asked';

/** One that cannot be asked for: nobody can go from the interface to what its object has. */
const unreachable: Graph = {
  name: 'an interface object that cannot be resolved',
  subgraphs: {
    shelves: {
      typeDefs: `
        interface Shelf @key(fields: "id") { id: ID! }
        type Query { shelf: Shelf }`,
      resolvers: { Query: { shelf: () => ({ __typename: 'Shelf', id: '1' }) } },
    },
    widths: {
      typeDefs: `
        type Shelf @key(fields: "id", resolvable: false) @interfaceObject { id: ID! width: Int }
        type Query { widest: Shelf }`,
      resolvers: { Query: { widest: () => ({ id: '2', width: 9 }) } },
    },
  },
  cases: [
    {
      promise: 'is answered where it stands itself',
      query: '{ widest { id width } }',
      data: { widest: { id: '2', width: 9 } },
    },
    {
      promise: 'is an error elsewhere, and not null without a word',
      query: '{ shelf { width } }',
      oracle: unasked,
      errors: [{ code: 'OPERATION_UNPLANNABLE' }],
    },
    {
      promise: 'is an error beside root fields that can be answered',
      query: '{ widest { width } shelf { width } }',
      oracle: unasked,
      errors: [{ code: 'OPERATION_UNPLANNABLE' }],
    },
    {
      promise: 'is an error beside fields of its own that can be answered',
      query: 'query Both { shelf { ...S } } fragment S on Shelf { id width }',
      oracle: unasked,
      errors: [{ code: 'OPERATION_UNPLANNABLE' }],
    },
    {
      promise: 'is no error where a condition leaves it out',
      query: 'query ($no: Boolean = false) { widest { id } shelf @include(if: $no) { width } }',
      data: { widest: { id: '2' } },
    },
  ],
};

export const interfaceObject: readonly Graph[] = [mediaAndReviews, unreachable];
