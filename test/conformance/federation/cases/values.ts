import type { Graph } from '../federation-case.ts';

const texts = [
  'ü ß 漢字 🙂 \u{1F468}\u200d\u{1F469}',
  '"quoted" \\ / \b \f \n \r \t',
  '\u2028\u2029\u0000\u001f\u007f',
  '</script><!-- \ud800 alone',
  '',
];

const values: Graph = {
  name: 'values of all kinds',
  subgraphs: {
    first: {
      typeDefs: `
        scalar JSON
        scalar Long
        enum Sign { PLUS MINUS }
        type Query {
          box: Box texts: [String!]! ids: [ID] ints: [Int] floats: [Float] longs: [Long] json: [JSON] signs: [[Sign!]]
          empty: [Box!]! emptyRows: [[Box]] rows: [[Box]] cubes: [[[Box!]!]!] booleans: [Boolean]
          give(json: JSON, long: Long, text: String): JSON
          key(of: String!): Box
        }
        type Box @key(fields: "id") { id: ID! value: JSON }`,
      resolvers: {
        Query: {
          box: () => ({ id: 'b', value: { a: 1 } }),
          texts: () => texts,
          ids: () => ['1', 2, null, 'ä'],
          ints: () => [0, -0, 2147483647, -2147483648, null],
          floats: () => [0.1, 1e21, 5e-324, 1.7976931348623157e308, -1.5, 3, null],
          longs: () => [2147483648, -9007199254740991, '9007199254740993', null],
          json: () => [{ b: 1, a: { z: null, y: [[], {}] } }, [], 'text', 0, false, null, ''],
          signs: () => [['PLUS'], [], null, ['MINUS', 'PLUS']],
          booleans: () => [true, false, null],
          empty: () => [],
          emptyRows: () => [[], [null], null],
          rows: () => [[{ id: '1' }, null, { id: '2' }], null, [], [{ id: '1' }]],
          cubes: () => [[[{ id: '1' }, { id: '2' }], []], [], [[{ id: '3' }]]],
          give: (_: unknown, args: unknown) => args,
          key: (_: unknown, { of }: { of: string }) => ({ id: of }),
        },
      },
    },
    second: {
      typeDefs: `
        scalar JSON
        scalar Long
        type Box @key(fields: "id") { id: ID! name: String echo(json: JSON): JSON size: Long deep: [[Part]] }
        type Part { x: Int }`,
      resolvers: {
        Box: {
          name: ({ id }: { id: string }) => `name of ${id}`,
          echo: (_: unknown, { json }: { json: unknown }) => json,
          size: ({ id }: { id: string }) => (id === '1' ? 4294967296 : 1),
          deep: ({ id }: { id: string }) => (id === '1' ? [[{ x: 1 }, null], []] : null),
        },
      },
    },
  },
  cases: [
    { promise: 'texts are answered sign by sign', query: '{ texts }', data: { texts } },
    {
      promise: 'keys with unusual signs lead to their entities',
      query: `query ($a: String!, $b: String!) { a: key(of: $a) { name } b: key(of: $b) { name } }`,
      variables: { a: '"\\\u2028', b: '{}[],:🙂' },
      data: { a: { name: 'name of "\\\u2028' }, b: { name: 'name of {}[],:🙂' } },
    },
    {
      promise: 'ids are text, whatever the subgraph writes',
      query: '{ ids }',
      data: { ids: ['1', '2', null, 'ä'] },
    },
    {
      promise: 'Int to its limits',
      query: '{ ints }',
      data: { ints: [0, 0, 2147483647, -2147483648, null] },
    },
    {
      promise: 'Float to its limits',
      query: '{ floats }',
      data: { floats: [0.1, 1e21, 5e-324, 1.7976931348623157e308, -1.5, 3, null] },
    },
    {
      promise: 'integers beyond 32 bits in a custom scalar',
      query: 'query ($l: Long) { longs give(long: $l) box { size } rows { size } }',
      variables: { l: 9007199254740991 },
      data: {
        longs: [2147483648, -9007199254740991, '9007199254740993', null],
        give: { long: 9007199254740991 },
        box: { size: 1 },
        rows: [[{ size: 4294967296 }, null, { size: 1 }], null, [], [{ size: 4294967296 }]],
      },
    },
    {
      promise: 'a custom scalar may be anything, in the order of its keys',
      query: '{ json box { value } }',
      data: {
        json: [{ b: 1, a: { z: null, y: [[], {}] } }, [], 'text', 0, false, null, ''],
        box: { value: { a: 1 } },
      },
    },
    {
      promise: 'a custom scalar with names like those of GraphQL and JavaScript passes through',
      query: 'query ($j: JSON) { give(json: $j) box { echo(json: $j) } }',
      variables: {
        j: {
          __typename: 'Box',
          id: 'other',
          constructor: 1,
          toString: null,
          length: 2,
          prototype: 'x',
        },
      },
      data: {
        give: {
          json: {
            __typename: 'Box',
            id: 'other',
            constructor: 1,
            toString: null,
            length: 2,
            prototype: 'x',
          },
        },
        box: {
          echo: {
            __typename: 'Box',
            id: 'other',
            constructor: 1,
            toString: null,
            length: 2,
            prototype: 'x',
          },
        },
      },
    },
    {
      promise: 'enums and booleans in lists',
      query: '{ signs booleans }',
      data: { signs: [['PLUS'], [], null, ['MINUS', 'PLUS']], booleans: [true, false, null] },
    },
    {
      promise: 'empty lists stay empty and call nobody',
      query: '{ empty { id name } emptyRows { name } }',
      data: { empty: [], emptyRows: [[], [null], null] },
      calls: ['first'],
    },
    {
      promise: 'entities in lists of lists keep their place',
      query: '{ rows { name } cubes { name id } }',
      data: {
        rows: [
          [{ name: 'name of 1' }, null, { name: 'name of 2' }],
          null,
          [],
          [{ name: 'name of 1' }],
        ],
        cubes: [
          [
            [
              { name: 'name of 1', id: '1' },
              { name: 'name of 2', id: '2' },
            ],
            [],
          ],
          [],
          [[{ name: 'name of 3', id: '3' }]],
        ],
      },
    },
    {
      promise: 'lists of lists inside entities in lists of lists',
      query: '{ rows { deep { x } } }',
      data: {
        rows: [
          [{ deep: [[{ x: 1 }, null], []] }, null, { deep: null }],
          null,
          [],
          [{ deep: [[{ x: 1 }, null], []] }],
        ],
      },
    },
  ],
};

const unmeasured = 'It does not measure what it is answered.';

/** A number as a subgraph in another language would write it: kept digit by digit, not as one of JavaScript. */
const numbers: Graph = {
  name: 'numbers that JavaScript does not have',
  subgraphs: {
    numbers: {
      typeDefs: `
        scalar Long
        type Query {
          huge: Float long: Long int: Int other: String ints: [Int] strict: Strict floats: [Float!]!
        }
        type Strict { int: Int! }`,
      respond: () =>
        `{"data":{"huge":1e400,"long":12345678901234567890,"int":3000000000,"other":"here",
          "ints":[2147483647,2147483648,-2147483648,-2147483649,1.5,1.0,-0,1e3,1e400,"7",true],"strict":{"int":0.5},
          "floats":[1e308,-0,-0.0,5e-324,1e-400,7,9007199254740992]}}`,
    },
  },
  cases: [
    {
      promise: 'a number too large for a Float is no broken answer',
      query: '{ huge other }',
      data: { huge: null, other: 'here' },
      errors: [{ path: ['huge'] }],
    },
    {
      promise: 'an Int beyond 32 bits in an answer is null and an error',
      query: '{ int other }',
      data: { int: null, other: 'here' },
      errors: [{ path: ['int'] }],
      oracle: unmeasured,
    },
    {
      promise: 'an Int has 32 bits and no fraction, however the subgraph writes it',
      query: '{ ints }',
      data: {
        ints: [2147483647, null, -2147483648, null, null, 1, 0, 1000, null, null, null],
      },
      errors: [1, 3, 4, 8, 9, 10].map((index) => ({
        path: ['ints', index],
        code: 'SUBGRAPH_INVALID_RESPONSE',
      })),
      oracle: unmeasured,
    },
    {
      promise: 'an Int that is none, where null is not allowed, takes its object with it',
      query: '{ strict { int } }',
      data: { strict: null },
      errors: [{ path: ['strict', 'int'], code: 'SUBGRAPH_INVALID_RESPONSE' }],
    },
    {
      promise: 'a Float may be as large or as small as JavaScript writes it, or whole',
      query: '{ floats }',
      data: { floats: [1e308, 0, 0, 5e-324, 0, 7, 9007199254740992] },
    },
  ],
};

export const valuesOfAllKinds: readonly Graph[] = [values, numbers];
