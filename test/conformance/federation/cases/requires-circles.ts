import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';

const tooEarly = 'the planner asks for what is required before that has been computed';

const seats = [
  { id: 't1', row: 1, place: 2 },
  { id: 't2', row: 3, place: 4 },
];

const circular: Graph = {
  name: '@requires in circles',
  subgraphs: {
    plan: {
      typeDefs: `
        type Query { seats: [Seat!]! }
        type Seat @key(fields: "id") {
          id: ID! row: Int
          zone: String @external
          code: String @requires(fields: "zone")
        }`,
      resolvers: {
        Query: { seats: () => seats },
        Seat: {
          __resolveReference: (given: { id: string }) => ({
            ...lookUp(seats, 'id')(given),
            ...given,
          }),
          code: ({ zone }: { zone?: string }) => `code(${zone})`,
        },
      },
    },
    zones: {
      typeDefs: `
        type Query { zoned: [Seat!]! }
        type Seat @key(fields: "id") {
          id: ID! place: Int
          row: Int @external
          code: String @external
          zone: String @requires(fields: "row")
          tag: String @requires(fields: "code")
        }`,
      resolvers: {
        Query: { zoned: () => seats },
        Seat: {
          __resolveReference: (given: { id: string }) => ({
            ...lookUp(seats, 'id')(given),
            ...given,
          }),
          zone: ({ row }: { row?: number }) => `zone ${row}`,
          tag: ({ code }: { code?: string }) => `tag ${code}`,
        },
      },
    },
  },
  cases: [
    {
      promise: 'two subgraphs may require of one another, field by field',
      query: '{ seats { code } }',
      data: { seats: [{ code: 'code(zone 1)' }, { code: 'code(zone 3)' }] },
    },
    {
      promise: 'there and back and there again',
      query: '{ seats { tag } }',
      data: { seats: [{ tag: 'tag code(zone 1)' }, { tag: 'tag code(zone 3)' }] },
      oracle: 'It asks for what is required before that has been computed.',
      knownFailure: { apollo: tooEarly },
    },
    {
      promise: 'it does not matter where the way begins',
      query: '{ zoned { place tag zone code row } }',
      data: {
        zoned: [
          { place: 2, tag: 'tag code(zone 1)', zone: 'zone 1', code: 'code(zone 1)', row: 1 },
          { place: 4, tag: 'tag code(zone 3)', zone: 'zone 3', code: 'code(zone 3)', row: 3 },
        ],
      },
      knownFailure: { apollo: tooEarly },
    },
  ],
};

export const requiresCircles: readonly Graph[] = [circular];
