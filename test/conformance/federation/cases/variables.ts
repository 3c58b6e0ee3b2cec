import type { Graph } from '../federation-case.ts';

const echo = (_: unknown, args: Record<string, unknown>) => JSON.stringify(args);
const types = `
  scalar JSON
  scalar Date
  enum Color { RED GREEN }
  input Point { x: Float! y: Float! = 0.5 color: Color = RED next: Point tags: [String!] any: JSON }`;
const args =
  'b: Boolean, i: Int, f: Float, s: String, id: ID, e: Color, p: Point, j: JSON, d: Date, li: [Int], ll: [[Int!]], lp: [Point!]';

const inputs: Graph = {
  name: 'variables and arguments',
  subgraphs: {
    first: {
      typeDefs: `
        type Query {
          echo(${args}): String
          must(n: Int!, m: Int! = 7): String
          item: Item
          items(ids: [ID!]! = ["1", "2"]): [Item!]!
        }
        type Item @key(fields: "id") { id: ID! }${types}`,
      resolvers: {
        Query: {
          echo,
          must: echo,
          item: () => ({ id: '1' }),
          items: (_: unknown, { ids }: { ids: readonly string[] }) => ids.map((id) => ({ id })),
        },
      },
    },
    second: {
      typeDefs: `
        type Item @key(fields: "id") {
          id: ID! echo(${args}): String limited(first: Int = 3, after: String = "start"): String
        }${types}`,
      resolvers: { Item: { echo, limited: echo } },
    },
  },
  cases: [
    {
      promise: 'every kind of input as a variable of a root field',
      query: `query ($b: Boolean, $i: Int, $f: Float, $s: String, $id: ID, $e: Color, $p: Point, $j: JSON, $d: Date, $li: [Int], $ll: [[Int!]], $lp: [Point!]) {
        echo(b: $b, i: $i, f: $f, s: $s, id: $id, e: $e, p: $p, j: $j, d: $d, li: $li, ll: $ll, lp: $lp)
      }`,
      variables: {
        b: true,
        i: -2147483648,
        f: 1.5e-7,
        s: 'ü\u2028"\\\n',
        id: 'x-1',
        e: 'GREEN',
        p: { x: 1 },
        j: { deep: [null, 1, 'a', { b: false }] },
        d: '2020-02-30',
        li: [1, null],
        ll: [[1], null, []],
        lp: [{ x: 0, next: { x: 1, y: 2, tags: [] } }],
      },
      data: {
        echo: JSON.stringify({
          b: true,
          i: -2147483648,
          f: 1.5e-7,
          s: 'ü\u2028"\\\n',
          id: 'x-1',
          e: 'GREEN',
          p: { x: 1, y: 0.5, color: 'RED' },
          j: { deep: [null, 1, 'a', { b: false }] },
          d: '2020-02-30',
          li: [1, null],
          ll: [[1], null, []],
          lp: [{ x: 0, y: 0.5, color: 'RED', next: { x: 1, y: 2, color: 'RED', tags: [] } }],
        }),
      },
    },
    {
      promise: 'every kind of input as a variable of an entity field',
      query: `query ($b: Boolean, $i: Int, $f: Float, $s: String, $id: ID, $e: Color, $p: Point, $j: JSON, $d: Date, $li: [Int], $ll: [[Int!]], $lp: [Point!]) {
        item { echo(b: $b, i: $i, f: $f, s: $s, id: $id, e: $e, p: $p, j: $j, d: $d, li: $li, ll: $ll, lp: $lp) }
      }`,
      variables: {
        b: false,
        i: 2147483647,
        f: 1e308,
        s: '',
        id: '7',
        e: 'RED',
        p: { x: 1, any: { a: [] } },
        j: [1, [2]],
        d: 0,
        li: [],
        ll: [],
        lp: [],
      },
      data: {
        item: {
          echo: JSON.stringify({
            b: false,
            i: 2147483647,
            f: 1e308,
            s: '',
            id: '7',
            e: 'RED',
            p: { x: 1, y: 0.5, color: 'RED', any: { a: [] } },
            j: [1, [2]],
            d: 0,
            li: [],
            ll: [],
            lp: [],
          }),
        },
      },
    },
    {
      promise: 'every kind of input as a literal, at the root and at an entity',
      query: `{
        echo(b: true, i: -1, f: 1, s: "a\\u00e9\\n", id: 12, e: RED, p: { x: 1, next: { x: 2, color: null } }, j: { a: [1, RED, "s"] }, d: "d", li: 5, ll: [[1], null], lp: { x: 3 })
        item { echo(s: """
          block
            text
        """, p: { x: -0.25, tags: "one" }, ll: 1, j: 3.5) }
      }`,
      data: {
        echo: JSON.stringify({
          b: true,
          i: -1,
          f: 1,
          s: 'aé\n',
          id: '12',
          e: 'RED',
          p: { x: 1, y: 0.5, color: 'RED', next: { x: 2, y: 0.5, color: null } },
          j: { a: [1, 'RED', 's'] },
          d: 'd',
          li: [5],
          ll: [[1], null],
          lp: [{ x: 3, y: 0.5, color: 'RED' }],
        }),
        item: {
          echo: JSON.stringify({
            s: 'block\n  text',
            p: { x: -0.25, y: 0.5, color: 'RED', tags: ['one'] },
            j: 3.5,
            ll: [[1]],
          }),
        },
      },
    },
    {
      promise: 'variables inside lists, objects and custom scalars of literals',
      query: `query ($x: Float!, $t: String!, $n: Int, $j: JSON) {
        echo(p: { x: $x, tags: ["a", $t], next: { x: $x } }, li: [1, $n, 3], j: { list: [$t], v: $j })
        item { echo(lp: [{ x: $x }, { x: 2, tags: [$t] }], li: [$n]) }
      }`,
      variables: { x: 9, t: 'tag', n: null, j: { k: 1 } },
      data: {
        echo: JSON.stringify({
          p: {
            x: 9,
            y: 0.5,
            color: 'RED',
            next: { x: 9, y: 0.5, color: 'RED' },
            tags: ['a', 'tag'],
          },
          j: { list: ['tag'], v: { k: 1 } },
          li: [1, null, 3],
        }),
        item: {
          echo: JSON.stringify({
            li: [null],
            lp: [
              { x: 9, y: 0.5, color: 'RED' },
              { x: 2, y: 0.5, color: 'RED', tags: ['tag'] },
            ],
          }),
        },
      },
    },
    {
      promise: 'a variable that is not sent leaves its argument out',
      query:
        'query ($i: Int, $s: String) { echo(i: $i, s: $s, b: true) item { limited(first: $i) echo(s: $s) } }',
      data: {
        echo: '{"b":true}',
        item: { limited: '{"first":3,"after":"start"}', echo: '{}' },
      },
    },
    {
      promise: 'a variable that is null makes its argument null',
      query:
        'query ($i: Int, $s: String) { echo(i: $i, s: $s) item { limited(first: $i, after: $s) } }',
      variables: { i: null, s: null },
      data: { echo: '{"i":null,"s":null}', item: { limited: '{"first":null,"after":null}' } },
    },
    {
      promise: 'defaults of variables are used at the root and at entities',
      query: `query ($i: Int = 5, $p: Point = { x: 4 }, $l: [Int] = [1, 2], $e: Color! = GREEN, $s: String = "a\\"b", $n: Int = null) {
        echo(i: $i, p: $p, li: $l, e: $e, s: $s) item { echo(i: $i, p: $p, li: $l, e: $e, s: $s) limited(first: $n) }
      }`,
      data: {
        echo: '{"i":5,"s":"a\\"b","e":"GREEN","p":{"x":4,"y":0.5,"color":"RED"},"li":[1,2]}',
        item: {
          echo: '{"i":5,"s":"a\\"b","e":"GREEN","p":{"x":4,"y":0.5,"color":"RED"},"li":[1,2]}',
          limited: '{"first":null,"after":"start"}',
        },
      },
    },
    {
      promise: 'a null that is sent beats the default of the variable',
      query: 'query ($i: Int = 5) { echo(i: $i) item { limited(first: $i) } }',
      variables: { i: null },
      data: { echo: '{"i":null}', item: { limited: '{"first":null,"after":"start"}' } },
    },
    {
      promise: 'a single value is taken for a list of one',
      query:
        'query ($l: [Int], $ll: [[Int!]], $ids: [ID!]!) { echo(li: $l, ll: $ll) items(ids: $ids) { id echo(li: $l) } }',
      variables: { l: 1, ll: 2, ids: 3 },
      data: { echo: '{"li":[1],"ll":[[2]]}', items: [{ id: '3', echo: '{"li":[1]}' }] },
    },
    {
      promise: 'numbers are coerced where the specification allows it',
      query: 'query ($f: Float, $id: ID) { echo(f: $f, id: $id) item { echo(f: $f, id: $id) } }',
      variables: { f: 3, id: 42 },
      data: { echo: '{"f":3,"id":"42"}', item: { echo: '{"f":3,"id":"42"}' } },
    },
    {
      promise: 'defaults of arguments are those of the subgraph',
      query: '{ items { limited } must(n: 1) }',
      data: {
        items: [
          { limited: '{"first":3,"after":"start"}' },
          { limited: '{"first":3,"after":"start"}' },
        ],
        must: '{"n":1,"m":7}',
      },
    },
    {
      promise: 'a variable with a default may stand where none may be null',
      query: 'query ($n: Int = 3, $m: Int) { must(n: $n, m: $m) }',
      data: { must: '{"n":3,"m":7}' },
    },
    {
      promise: 'variables with the names that plans use for themselves',
      query: `query ($representations: Int, $__batch_reps_0: Int, $_v0: Int) {
        item { a: echo(i: $representations) b: limited(first: $_v0) c: echo(i: $__batch_reps_0) }
      }`,
      variables: { representations: 1, __batch_reps_0: 2, _v0: 3 },
      data: { item: { a: '{"i":1}', b: '{"first":3,"after":"start"}', c: '{"i":2}' } },
      oracle: 'Its plan declares the variable a second time.',
    },
    {
      promise: 'variables that are sent but not declared are ignored',
      query: 'query ($i: Int) { echo(i: $i) }',
      variables: { i: 1, other: { a: 1 } },
      data: { echo: '{"i":1}' },
    },
    {
      promise: 'one variable at two places with different arguments',
      query: 'query ($i: Int!) { x: echo(i: $i) item { y: echo(i: $i, f: $i) } z: must(n: $i) }',
      variables: { i: 8 },
      errors: [{ code: 'GRAPHQL_VALIDATION_FAILED' }],
    },
    {
      promise: 'an Int beyond 32 bits is refused',
      query: 'query ($i: Int) { echo(i: $i) }',
      variables: { i: 2147483648 },
      errors: [{ code: 'BAD_USER_INPUT' }],
      calls: [],
    },
    {
      promise: 'a wrong kind of value is refused, each mistake with its place',
      query: 'query ($i: Int, $e: Color, $p: Point) { echo(i: $i, e: $e, p: $p) }',
      variables: { i: '1', e: 'BLUE', p: { y: 1, z: 2 } },
      errors: [
        { code: 'BAD_USER_INPUT' },
        { code: 'BAD_USER_INPUT' },
        { code: 'BAD_USER_INPUT' },
        { code: 'BAD_USER_INPUT' },
      ],
      calls: [],
    },
    {
      promise: 'a missing variable that may not be null is refused',
      query: 'query ($n: Int!) { must(n: $n) }',
      errors: [{ code: 'BAD_USER_INPUT' }],
      calls: [],
    },
  ],
};

export const variables: readonly Graph[] = [inputs];
