import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';

const orders = [
  { id: 'o1', state: 'OPEN', channel: 'WEB' },
  { id: 'o2', state: 'LOST', channel: 'PHONE' },
];

const enumsAndInputs: Graph = {
  name: 'enums and inputs that differ between subgraphs',
  subgraphs: {
    sales: {
      typeDefs: `
        type Query {
          orders(by: Filter, in: [State!], range: Range = { from: 1 }): [Order!]!
          echo(filter: Filter): String
        }
        enum State { OPEN DONE ARCHIVED }
        enum Channel { WEB SHOP }
        input Filter { text: String! state: State limit: Int sort: String }
        input Range { from: Int! to: Int only: String }
        type Order @key(fields: "id") { id: ID! channel: Channel }`,
      resolvers: {
        Query: {
          orders: (_: unknown, { in: states }: { in?: string[] }) =>
            states === undefined ? orders : orders.filter(({ state }) => states.includes(state)),
          echo: (_: unknown, { filter }: { filter: unknown }) => JSON.stringify(filter),
        },
        Order: {
          __resolveReference: lookUp(orders, 'id'),
          channel: ({ channel }: { channel: string }) => (channel === 'PHONE' ? null : channel),
        },
      },
    },
    support: {
      typeDefs: `
        enum State { OPEN DONE LOST }
        enum Channel { WEB PHONE }
        input Filter { text: String state: State limit: Int! extra: Boolean }
        input Range { from: Int! to: Int }
        type Order @key(fields: "id") {
          id: ID!
          tickets(filter: Filter, state: State): String
          heard: Channel
        }
        type Query { tickets(filter: Filter!, range: Range): String }`,
      resolvers: {
        Query: {
          tickets: (_: unknown, args: unknown) => JSON.stringify(args),
        },
        Order: {
          __resolveReference: lookUp(orders, 'id'),
          tickets: ({ id }: { id: string }, args: unknown) => `${id} ${JSON.stringify(args)}`,
          heard: ({ channel }: { channel: string }) => channel,
        },
      },
    },
  },
  cases: [
    {
      promise: 'an enum that is only given has the values that all know',
      query: '{ orders(in: [OPEN, DONE]) { id } }',
      data: { orders: [{ id: 'o1' }] },
    },
    {
      promise: 'a value that not all know cannot be given',
      query: '{ orders(in: [LOST]) { id } }',
      errors: [{ code: 'GRAPHQL_VALIDATION_FAILED' }],
    },
    {
      promise: 'a value that not all know cannot be given in a variable',
      query: 'query ($in: [State!]) { orders(in: $in) { id } }',
      variables: { in: ['OPEN', 'ARCHIVED'] },
      errors: [{ code: 'BAD_USER_INPUT' }],
    },
    {
      promise: 'an enum that is only answered has the values that any knows',
      query: '{ orders { channel heard } __type(name: "Channel") { enumValues { name } } }',
      data: {
        orders: [
          { channel: 'WEB', heard: 'WEB' },
          { channel: null, heard: 'PHONE' },
        ],
        __type: { enumValues: [{ name: 'WEB' }, { name: 'SHOP' }, { name: 'PHONE' }] },
      },
    },
    {
      promise: 'an input has the fields that all know, required where any requires them',
      query: '{ __type(name: "Filter") { inputFields { name type { kind } } } }',
      data: {
        __type: {
          inputFields: [
            { name: 'text', type: { kind: 'NON_NULL' } },
            { name: 'state', type: { kind: 'ENUM' } },
            { name: 'limit', type: { kind: 'NON_NULL' } },
          ],
        },
      },
    },
    {
      promise: 'a field of an input that not all know cannot be given',
      query: '{ echo(filter: { text: "x", limit: 1, sort: "up" }) }',
      errors: [{ code: 'GRAPHQL_VALIDATION_FAILED' }],
    },
    {
      promise: 'a field of an input that one requires has to be given',
      query: 'query ($f: Filter!) { tickets(filter: $f) }',
      variables: { f: { text: 'x' } },
      errors: [{ code: 'BAD_USER_INPUT' }],
    },
    {
      promise: 'inputs travel whole to root fields and to entities',
      query: `query ($f: Filter!, $state: State) {
        echo(filter: $f)
        orders(in: [OPEN]) { tickets(filter: $f, state: $state) }
        tickets(filter: { text: "y", limit: 2, state: DONE }, range: { from: 3 })
      }`,
      variables: { f: { text: 'x', limit: 1, state: 'OPEN' }, state: 'DONE' },
      data: {
        echo: '{"text":"x","state":"OPEN","limit":1}',
        orders: [{ tickets: 'o1 {"filter":{"text":"x","state":"OPEN","limit":1},"state":"DONE"}' }],
        tickets: '{"filter":{"text":"y","state":"DONE","limit":2},"range":{"from":3}}',
      },
    },
  ],
};

const boxes = [
  { id: 'b1', label: 'L1', lid: { color: 'red' }, parts: ['x', 'y'] },
  { id: 'b2', label: null, lid: null, parts: ['z'] },
];

const nullability: Graph = {
  name: 'child types of differing nullability',
  subgraphs: {
    strict: {
      typeDefs: `
        type Query { strict: [Box!]! @shareable one: Box! @shareable }
        type Box @key(fields: "id") { id: ID! label: String! @shareable lid: Lid @shareable parts: [String!]! @shareable }
        type Lid @shareable { color: String! size: Int }`,
      resolvers: {
        Query: { strict: () => [boxes[0]], one: () => boxes[0] },
        Box: { __resolveReference: lookUp(boxes, 'id') },
        Lid: { size: () => 3 },
      },
    },
    loose: {
      typeDefs: `
        type Query { loose: [Box] strict: [Box!] @shareable one: Box @shareable }
        type Box @key(fields: "id") { id: ID! label: String @shareable lid: Lid! @shareable parts: [String] @shareable weight: Int }
        type Lid @shareable { color: String }`,
      resolvers: {
        Query: { loose: () => [...boxes, null], strict: () => [boxes[0]], one: () => boxes[0] },
        Box: {
          __resolveReference: lookUp(boxes, 'id'),
          lid: ({ lid }: { lid: unknown }) => lid ?? { color: null },
          weight: () => 1,
        },
      },
    },
  },
  cases: [
    {
      promise: 'the composed field may be null where any subgraph may answer null',
      query: `{
        box: __type(name: "Box") { fields { name type { kind ofType { kind } } } }
        lid: __type(name: "Lid") { fields { name type { kind } } }
        loose { label }
      }`,
      data: {
        box: {
          fields: [
            { name: 'id', type: { kind: 'NON_NULL', ofType: { kind: 'SCALAR' } } },
            { name: 'label', type: { kind: 'SCALAR', ofType: null } },
            { name: 'lid', type: { kind: 'OBJECT', ofType: null } },
            { name: 'parts', type: { kind: 'LIST', ofType: { kind: 'SCALAR' } } },
            { name: 'weight', type: { kind: 'SCALAR', ofType: null } },
          ],
        },
        lid: {
          fields: [
            { name: 'color', type: { kind: 'SCALAR' } },
            { name: 'size', type: { kind: 'SCALAR' } },
          ],
        },
        loose: [{ label: 'L1' }, { label: null }, null],
      },
    },
    {
      promise: 'what a loose subgraph answers with null stays null beside what a strict one adds',
      query: '{ loose { lid { color } parts weight } }',
      data: {
        loose: [
          { lid: { color: 'red' }, parts: ['x', 'y'], weight: 1 },
          { lid: { color: null }, parts: ['z'], weight: 1 },
          null,
        ],
      },
    },
    {
      promise: 'a strict subgraph is joined with a loose one',
      query: '{ strict { label weight lid { color } } one { weight parts } }',
      data: {
        strict: [{ label: 'L1', weight: 1, lid: { color: 'red' } }],
        one: { weight: 1, parts: ['x', 'y'] },
      },
    },
  ],
};

const shell = { __typename: 'Shell', name: 'cowrie' };
const coin = { __typename: 'Coin', name: 'penny' };

const narrowed: Graph = {
  name: 'a shared field to which one subgraph gives a narrower type',
  subgraphs: {
    beach: {
      typeDefs: `
        type Query { find: Shell @shareable lost: Find walk: Walk @shareable }
        type Walk { find: Shell @shareable }
        union Find = Shell | Coin
        type Shell @shareable { name: String }
        type Coin { name: String }`,
      resolvers: {
        Query: { find: () => shell, lost: () => coin, walk: () => ({ find: shell }) },
      },
    },
    dig: {
      typeDefs: `
        type Query { find: Find @shareable walk: Walk @shareable }
        type Walk { find: Find @shareable }
        union Find = Shell | Bone
        type Shell @shareable { name: String }
        type Bone @shareable { name: String }`,
      resolvers: { Query: { find: () => shell, walk: () => ({ find: shell }) } },
    },
  },
  cases: [
    {
      promise: 'a subgraph is not asked for members that its own type of the field cannot be',
      query: `{
        find { __typename ... on Coin { name } ... on Bone { name } }
        walk { find { __typename ... on Coin { name } ... on Bone { name } } }
      }`,
      data: { find: { __typename: 'Shell' }, walk: { find: { __typename: 'Shell' } } },
    },
    {
      promise: 'and answers what its type is',
      query: `{
        find { ... on Shell { name } ... on Coin { name } }
        walk { find { ... on Shell { name } ... on Bone { name } } }
        lost { ... on Coin { name } ... on Bone { name } }
      }`,
      data: {
        find: { name: 'cowrie' },
        walk: { find: { name: 'cowrie' } },
        lost: { name: 'penny' },
      },
    },
  ],
};

export const intersections: readonly Graph[] = [enumsAndInputs, nullability, narrowed];
