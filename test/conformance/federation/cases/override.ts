import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';

const bills = [{ id: 'b1' }, { id: 'b2' }];

/** Each subgraph signs what it answers, so that the data tells who was asked. */
const by =
  (subgraph: string) =>
  ({ id }: { id: string }) =>
    `${id} by ${subgraph}`;

const overrides: Graph = {
  name: '@override',
  subgraphs: {
    old: {
      typeDefs: `
        type Query { bills: [Bill!]! moved: String stays: String }
        type Bill @key(fields: "id") { id: ID! amount: String note: String shared: String @shareable due: String @shareable }`,
      resolvers: {
        Query: { bills: () => bills, moved: () => 'old', stays: () => 'old' },
        Bill: {
          __resolveReference: lookUp(bills, 'id'),
          amount: by('old'),
          note: by('old'),
          shared: by('old'),
          due: by('old'),
        },
      },
    },
    new: {
      typeDefs: `
        type Query { newest: Bill moved: String @override(from: "old") }
        type Bill @key(fields: "id") {
          id: ID!
          amount: String @override(from: "old")
          shared: String @shareable @override(from: "old")
          due: String @shareable @override(from: "nobody")
        }`,
      resolvers: {
        Query: { newest: () => bills[1], moved: () => 'new' },
        Bill: {
          __resolveReference: lookUp(bills, 'id'),
          amount: by('new'),
          shared: by('new'),
          due: by('new'),
        },
      },
    },
  },
  cases: [
    {
      promise: 'a field that was taken over comes from its new subgraph',
      query: '{ bills { amount } }',
      data: { bills: [{ amount: 'b1 by new' }, { amount: 'b2 by new' }] },
      calls: ['new', 'old'],
    },
    {
      promise: 'its neighbours still come from the old one',
      query: '{ bills { note amount } }',
      data: {
        bills: [
          { note: 'b1 by old', amount: 'b1 by new' },
          { note: 'b2 by old', amount: 'b2 by new' },
        ],
      },
    },
    {
      promise: 'from the new subgraph the field needs no other call',
      query: '{ newest { amount } }',
      data: { newest: { amount: 'b2 by new' } },
      calls: ['new'],
    },
    {
      promise: 'a root field can be taken over',
      query: '{ moved stays }',
      data: { moved: 'new', stays: 'old' },
      calls: ['new', 'old'],
    },
    {
      promise: 'an override from a subgraph that is gone is none',
      query: '{ newest { due } bills { due } }',
      data: {
        newest: { due: 'b2 by new' },
        bills: [{ due: 'b1 by old' }, { due: 'b2 by old' }],
      },
    },
    {
      promise: 'the override of a shareable field takes it from one subgraph only',
      query: '{ bills { shared } }',
      data: { bills: [{ shared: 'b1 by new' }, { shared: 'b2 by new' }] },
    },
  ],
};

const progressive: Graph = {
  name: '@override by percentage',
  subgraphs: {
    before: {
      typeDefs: `
        type Query { bills: [Bill!]! whole: String none: String }
        type Bill @key(fields: "id") { id: ID! whole: String none: String half: String }`,
      resolvers: {
        Query: { bills: () => bills, whole: () => 'before', none: () => 'before' },
        Bill: {
          __resolveReference: lookUp(bills, 'id'),
          whole: by('before'),
          none: by('before'),
          half: () => 'the same',
        },
      },
    },
    after: {
      typeDefs: `
        type Query {
          whole: String @override(from: "before", label: "percent(100)")
          none: String @override(from: "before", label: "percent(0)")
          last: Bill
        }
        type Bill @key(fields: "id") {
          id: ID!
          whole: String @override(from: "before", label: "percent(100)")
          none: String @override(from: "before", label: "percent(0)")
          half: String @override(from: "before", label: "percent(50)")
        }`,
      resolvers: {
        Query: { last: () => bills[1], whole: () => 'after', none: () => 'after' },
        Bill: {
          __resolveReference: lookUp(bills, 'id'),
          whole: by('after'),
          none: by('after'),
          half: () => 'the same',
        },
      },
    },
  },
  cases: [
    {
      promise: 'an override of 100 percent is in force',
      query: '{ bills { whole } }',
      data: { bills: [{ whole: 'b1 by after' }, { whole: 'b2 by after' }] },
      oracle: 'It knows no percentages and takes every such override for inactive.',
    },
    {
      promise: 'an override of 0 percent is not in force',
      query: '{ bills { none } }',
      data: { bills: [{ none: 'b1 by before' }, { none: 'b2 by before' }] },
      calls: ['before'],
    },
    {
      promise: 'an override that is not in force sends the new subgraph to the old one',
      query: '{ last { none whole } }',
      data: { last: { none: 'b2 by before', whole: 'b2 by after' } },
      oracle: 'It knows no percentages and takes every such override for inactive.',
    },
    {
      promise: 'root fields are taken over by percentage as well',
      query: '{ whole none }',
      data: { whole: 'after', none: 'before' },
      oracle: 'It knows no percentages and takes every such override for inactive.',
    },
    {
      promise: 'whichever side is drawn for 50 percent, there is an answer',
      query: '{ bills { half } last { half } }',
      data: { bills: [{ half: 'the same' }, { half: 'the same' }], last: { half: 'the same' } },
    },
  ],
};

export const override: readonly Graph[] = [overrides, progressive];
