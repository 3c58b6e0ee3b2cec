import { GraphQLError } from 'graphql';
import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';

const noContext =
  'It plans fields without the argument that @fromContext gives them, so it is not let near them.';

const header = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@shareable", "@external", "@requires", "@context", "@fromContext"])\n`;

const oracle = 'It refuses every supergraph with @context.';

const forgotten = "Apollo's planner asks for the value of one of the contexts only.";

const shops = [
  { id: 's1', city: 'Bern', tags: ['a', 'b'], level: 1, shelf: { id: 'h1' } },
  { id: 's2', city: 'Oslo', tags: [], level: null, shelf: { id: 'h1' } },
  { id: 's3', city: 'Bern', tags: ['a', 'b'], level: 1, shelf: { id: 'h2' } },
];
const shelves = [
  { id: 'h1', items: [{ id: 'i1' }, { id: 'i2' }, { id: 'i1' }], first: { id: 'i1' } },
  { id: 'h2', items: [{ id: 'i2' }], first: { id: 'i2' } },
];
const many = Array.from({ length: 70 }, (_, index) => ({
  id: `m${index}`,
  city: `city ${index}`,
  tags: [],
  level: index,
  shelf: { id: 'h2' },
}));

interface Item {
  readonly id: string;
}
interface Given {
  readonly city?: string | null;
  readonly level?: number | null;
  readonly tags?: readonly string[] | null;
  readonly rate?: number;
}

const shopping: Graph = {
  name: '@context of one type of objects',
  hive: noContext,
  oracle,
  subgraphs: {
    goods: {
      header,
      typeDefs: `
        type Query {
          shops: [Shop!]! shop(id: ID!): Shop noShop: Shop empty: [Shop!]! rows: [[Shop]] many: [Shop!]!
        }
        type Shop @key(fields: "id") @context(name: "shop") {
          id: ID! city: String! tags: [String!]! level: Int shelf: Shelf name: String label(upper: Boolean): String
        }
        type Shelf @key(fields: "id") { id: ID! items: [Item!]! first: Item }
        type Item @key(fields: "id") {
          id: ID!
          tax(rate: Int = 1, city: String @fromContext(field: "$shop { city }")): String
          both(
            city: String @fromContext(field: "$shop { city }")
            level: Int @fromContext(field: "$shop { level }")
          ): String
          tagged(tags: [String] @fromContext(field: "$shop { tags }")): String
          leveled(level: Int @fromContext(field: "$shop { level }")): String
          picky(city: String @fromContext(field: "$shop { city }")): String
        }`,
      resolvers: {
        Query: {
          shops: () => shops,
          shop: (_: unknown, args: { id: string }) => lookUp(shops, 'id')(args),
          empty: () => [],
          rows: () => [[shops[0], null], [], [shops[1], shops[2]]],
          many: () => many,
        },
        Shop: {
          __resolveReference: lookUp([...shops, ...many], 'id'),
          name: ({ id }: Item) => `shop ${id}`,
          label: ({ id }: Item, { upper }: { upper?: boolean }) => (upper ? id.toUpperCase() : id),
          shelf: ({ shelf }: { shelf: Item }) => lookUp(shelves, 'id')({ ...shelf }),
        },
        Shelf: { __resolveReference: lookUp(shelves, 'id') },
        Item: {
          __resolveReference: ({ id }: Item) => ({ id }),
          tax: ({ id }: Item, { rate, city }: Given) => `${id} ${city} ${rate}`,
          both: ({ id }: Item, { city, level }: Given) => `${id} ${city} ${level}`,
          tagged: ({ id }: Item, { tags }: Given) => `${id} ${tags?.join('+')}`,
          leveled: ({ id }: Item, args: Given) =>
            `${id} ${'level' in args ? args.level : 'without a level'}`,
          picky: ({ id }: Item, { city }: Given) => {
            if (city === 'Oslo') throw new GraphQLError('not here', { extensions: { code: 'NO' } });
            return `${id} ${city}`;
          },
        },
      },
    },
    other: {
      typeDefs: `
        type Query { other: Int }
        type Shelf @key(fields: "id") { id: ID! best: Item }
        type Item @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: { other: () => 7 },
        Shelf: { __resolveReference: ({ id }: Item) => ({ id, best: { id: `best of ${id}` } }) },
      },
    },
  },
  cases: [
    {
      promise: 'the value comes from the object above, through an object between',
      query: '{ shop(id: "s1") { shelf { first { tax } } } }',
      data: { shop: { shelf: { first: { tax: 'i1 Bern 1' } } } },
    },
    {
      promise: 'one entity in places with different values has an answer for each',
      query: '{ shops { shelf { first { tax } } } }',
      data: {
        shops: [
          { shelf: { first: { tax: 'i1 Bern 1' } } },
          { shelf: { first: { tax: 'i1 Oslo 1' } } },
          { shelf: { first: { tax: 'i2 Bern 1' } } },
        ],
      },
      calls: ['goods', 'goods'],
    },
    {
      promise: 'one entity in two places, fetched once, stands below different values',
      query: '{ shops { shelf { best { tax } } } }',
      data: {
        shops: [
          { shelf: { best: { tax: 'best of h1 Bern 1' } } },
          { shelf: { best: { tax: 'best of h1 Oslo 1' } } },
          { shelf: { best: { tax: 'best of h2 Bern 1' } } },
        ],
      },
      calls: ['goods', 'goods', 'other'],
    },
    {
      promise: 'through lists, with other fields and arguments of the client beside',
      query: 'query ($r: Int) { shops { city shelf { items { id tax(rate: $r) } } } other }',
      variables: { r: 3 },
      data: {
        shops: [
          {
            city: 'Bern',
            shelf: {
              items: [
                { id: 'i1', tax: 'i1 Bern 3' },
                { id: 'i2', tax: 'i2 Bern 3' },
                { id: 'i1', tax: 'i1 Bern 3' },
              ],
            },
          },
          {
            city: 'Oslo',
            shelf: {
              items: [
                { id: 'i1', tax: 'i1 Oslo 3' },
                { id: 'i2', tax: 'i2 Oslo 3' },
                { id: 'i1', tax: 'i1 Oslo 3' },
              ],
            },
          },
          { city: 'Bern', shelf: { items: [{ id: 'i2', tax: 'i2 Bern 3' }] } },
        ],
        other: 7,
      },
      calls: ['goods', 'goods', 'other'],
    },
    {
      promise: 'through lists of lists, nulls and empty lists',
      query:
        '{ rows { shelf { first { tax } } } empty { shelf { first { tax } } } noShop { shelf { first { tax } } } }',
      data: {
        rows: [
          [{ shelf: { first: { tax: 'i1 Bern 1' } } }, null],
          [],
          [{ shelf: { first: { tax: 'i1 Oslo 1' } } }, { shelf: { first: { tax: 'i2 Bern 1' } } }],
        ],
        empty: [],
        noShop: null,
      },
    },
    {
      promise: 'several values of one context, and null is one of them',
      query: '{ shops { shelf { first { both leveled } } } }',
      data: {
        shops: [
          { shelf: { first: { both: 'i1 Bern 1', leveled: 'i1 1' } } },
          { shelf: { first: { both: 'i1 Oslo null', leveled: 'i1 null' } } },
          { shelf: { first: { both: 'i2 Bern 1', leveled: 'i2 1' } } },
        ],
      },
    },
    {
      promise: 'a list as a value, an empty one too',
      query: '{ shops { shelf { first { tagged } } } }',
      data: {
        shops: [
          { shelf: { first: { tagged: 'i1 a+b' } } },
          { shelf: { first: { tagged: 'i1 ' } } },
          { shelf: { first: { tagged: 'i2 a+b' } } },
        ],
      },
    },
    {
      promise: 'aliases on the way, of the field and beside the value',
      query:
        '{ a: shops { place: city city: name s: shelf { f: first { one: tax two: tax(rate: 2) } } } b: shop(id: "s2") { level: name s: shelf { f: first { leveled } } } }',
      data: {
        a: [
          {
            place: 'Bern',
            city: 'shop s1',
            s: { f: { one: 'i1 Bern 1', two: 'i1 Bern 2' } },
          },
          {
            place: 'Oslo',
            city: 'shop s2',
            s: { f: { one: 'i1 Oslo 1', two: 'i1 Oslo 2' } },
          },
          {
            place: 'Bern',
            city: 'shop s3',
            s: { f: { one: 'i2 Bern 1', two: 'i2 Bern 2' } },
          },
        ],
        b: { level: 'shop s2', s: { f: { leveled: 'i1 null' } } },
      },
    },
    {
      promise: 'in fragments, of both kinds, that ask for the same',
      query: `
        { shops { ...OfShop shelf { ... on Shelf { first { ...OfItem } } } } }
        fragment OfShop on Shop { shelf { first { id tax } } }
        fragment OfItem on Item { tax leveled }`,
      data: {
        shops: [
          { shelf: { first: { id: 'i1', tax: 'i1 Bern 1', leveled: 'i1 1' } } },
          { shelf: { first: { id: 'i1', tax: 'i1 Oslo 1', leveled: 'i1 null' } } },
          { shelf: { first: { id: 'i2', tax: 'i2 Bern 1', leveled: 'i2 1' } } },
        ],
      },
    },
    {
      promise: 'conditions decide as everywhere',
      query:
        'query ($y: Boolean!, $n: Boolean!) { shop(id: "s1") { shelf { first { tax @include(if: $y) leveled @skip(if: $y) both @include(if: $n) } } } }',
      variables: { y: true, n: false },
      data: { shop: { shelf: { first: { tax: 'i1 Bern 1' } } } },
    },
    {
      promise: "a client's variables with the names that the plan uses are the client's",
      query:
        'query ($contextualArgument_1_0: Int, $contextualArgument_1_1: Int, $representations: ID!) { shop(id: $representations) { shelf { first { tax(rate: $contextualArgument_1_0) x: tax(rate: $contextualArgument_1_1) } } } }',
      variables: { contextualArgument_1_0: 5, contextualArgument_1_1: 6, representations: 's1' },
      data: { shop: { shelf: { first: { tax: 'i1 Bern 5', x: 'i1 Bern 6' } } } },
    },
    {
      promise: 'an argument from a context is not for clients',
      query: '{ shop(id: "s1") { shelf { first { tax(city: "Rome") } } } }',
      errors: [{ code: 'GRAPHQL_VALIDATION_FAILED' }],
    },
    {
      promise: 'an error has the path of the place whose value led to it',
      query: '{ all: shops { s: shelf { items { p: picky } } } }',
      data: {
        all: [
          { s: { items: [{ p: 'i1 Bern' }, { p: 'i2 Bern' }, { p: 'i1 Bern' }] } },
          { s: { items: [{ p: null }, { p: null }, { p: null }] } },
          { s: { items: [{ p: 'i2 Bern' }] } },
        ],
      },
      errors: [
        { path: ['all', 1, 's', 'items', 0, 'p'], message: 'not here', code: 'NO' },
        { path: ['all', 1, 's', 'items', 1, 'p'], message: 'not here', code: 'NO' },
        { path: ['all', 1, 's', 'items', 2, 'p'], message: 'not here', code: 'NO' },
      ],
    },
    {
      promise: 'many values are spread over several calls',
      query: '{ many { shelf { first { tax } } } }',
      data: {
        many: many.map(({ city }) => ({ shelf: { first: { tax: `i2 ${city} 1` } } })),
      },
      calls: ['goods', 'goods', 'goods', 'goods'],
    },
  ],
};

const houses = [
  { __typename: 'House', id: 'o1', street: 'Lane', floor: { id: 'f1' } },
  { __typename: 'Boat', id: 'o2', sea: 'North', floor: { id: 'f1' } },
  { __typename: 'House', id: 'o3', street: null, floor: { id: 'f2' } },
];
const floors = [
  { id: 'f1', level: 1, room: { id: 'r1' }, within: { id: 'f2' } },
  { id: 'f2', level: 2, room: { id: 'r1' }, within: null },
];

/** Interfaces, unions and several types of one context; a context inside another of the same name. */
const living: Graph = {
  name: '@context of several types',
  hive: noContext,
  oracle,
  subgraphs: {
    rooms: {
      header,
      typeDefs: `
        type Query { homes: [Home!]! places: [Place!]! }
        interface Home @context(name: "home") { id: ID! title: String! floor: Floor! }
        type House implements Home @key(fields: "id") @context(name: "place") {
          id: ID! title: String! street: String floor: Floor!
        }
        type Boat implements Home @key(fields: "id") @context(name: "place") {
          id: ID! title: String! sea: String floor: Floor!
        }
        union Place = House | Boat
        type Floor @key(fields: "id") @context(name: "near") {
          id: ID! level: Int! room: Room! within: Floor
        }
        type Room @key(fields: "id") {
          id: ID!
          inHome(title: String @fromContext(field: "$home { title }")): String
          at(where: String @fromContext(field: "$place ... on House { street } ... on Boat { sea }")): String
          level(of: Int @fromContext(field: "$near { level }")): String
          all(
            where: String @fromContext(field: "$place ... on House { street } ... on Boat { sea }")
            of: Int @fromContext(field: "$near { level }")
          ): String
        }`,
      resolvers: {
        Query: { homes: () => houses, places: () => houses },
        House: {
          __resolveReference: lookUp(houses, 'id'),
          title: ({ id }: Item) => `home ${id}`,
          floor: ({ floor }: { floor: Item }) => lookUp(floors, 'id')({ ...floor }),
        },
        Boat: {
          __resolveReference: lookUp(houses, 'id'),
          title: ({ id }: Item) => `home ${id}`,
          floor: ({ floor }: { floor: Item }) => lookUp(floors, 'id')({ ...floor }),
        },
        Floor: {
          __resolveReference: lookUp(floors, 'id'),
          within: ({ within }: { within: Item | null }) =>
            within && lookUp(floors, 'id')({ ...within }),
        },
        Room: {
          __resolveReference: ({ id }: Item) => ({ id }),
          inHome: (_: unknown, { title }: { title: string }) => `in ${title}`,
          at: (_: unknown, { where }: { where: string }) => `at ${where}`,
          level: (_: unknown, { of }: { of: number }) => `level ${of}`,
          all: (_: unknown, { where, of }: { where: string; of: number }) => `${where} ${of}`,
        },
      },
    },
  },
  cases: [
    {
      promise: 'a context on an interface is that of each of its types',
      query: '{ homes { floor { room { inHome } } } }',
      data: {
        homes: [
          { floor: { room: { inHome: 'in home o1' } } },
          { floor: { room: { inHome: 'in home o2' } } },
          { floor: { room: { inHome: 'in home o3' } } },
        ],
      },
    },
    {
      promise: 'each type of a union has its own way to the value',
      query: `
        { places { __typename ... on House { floor { room { at } } } ... on Boat { floor { room { at } } } } }`,
      data: {
        places: [
          { __typename: 'House', floor: { room: { at: 'at Lane' } } },
          { __typename: 'Boat', floor: { room: { at: 'at North' } } },
          { __typename: 'House', floor: { room: { at: 'at null' } } },
        ],
      },
    },
    {
      promise: 'of two objects with one context the nearest one counts',
      query: '{ homes { floor { level room { level } within { room { level } } } } }',
      data: {
        homes: [
          {
            floor: { level: 1, room: { level: 'level 1' }, within: { room: { level: 'level 2' } } },
          },
          {
            floor: { level: 1, room: { level: 'level 1' }, within: { room: { level: 'level 2' } } },
          },
          { floor: { level: 2, room: { level: 'level 2' }, within: null } },
        ],
      },
    },
    {
      promise: 'several contexts meet in one field',
      query:
        '{ places { ... on House { floor { room { all level } } } ... on Boat { floor { within { room { all } } } } } }',
      data: {
        places: [
          { floor: { room: { all: 'Lane 1', level: 'level 1' } } },
          { floor: { within: { room: { all: 'North 2' } } } },
          { floor: { room: { all: 'null 2', level: 'level 2' } } },
        ],
      },
    },
    {
      promise: 'one object may give values of two contexts',
      query: '{ places { ... on House { floor { room { at inHome } } } } }',
      data: {
        places: [
          { floor: { room: { at: 'at Lane', inHome: 'in home o1' } } },
          {},
          { floor: { room: { at: 'at null', inHome: 'in home o3' } } },
        ],
      },
      knownFailure: { auto: forgotten, apollo: forgotten },
    },
    {
      promise: 'what the plan forgot to ask for is an error, not an answer for another value',
      query: '{ places { ... on House { floor { room { at inHome } } } } }',
      data: {
        places: [
          { floor: { room: { at: null, inHome: null } } },
          {},
          { floor: { room: { at: null, inHome: null } } },
        ],
      },
      errors: [0, 2].flatMap((index) =>
        ['at', 'inHome'].map((field) => ({
          path: ['places', index, 'floor', 'room', field],
          code: 'INTERNAL_SERVER_ERROR',
        })),
      ),
    },
  ],
};

const accounts = [
  { id: 'a1', plan: 'gold', limit: { max: 5 }, user: { id: 'u1' } },
  { id: 'a2', plan: 'none', limit: null, user: { id: 'u1' } },
];

/** What the context says is itself another subgraph's. */
const accountsGraph: Graph = {
  name: '@context with values of other subgraphs',
  hive: noContext,
  oracle,
  subgraphs: {
    accounts: {
      header,
      typeDefs: `
        type Query { accounts: [Account!]! }
        type Account @key(fields: "id") { id: ID! plan: String limit: Limit user: User! }
        type Limit { max: Int! }
        type User @key(fields: "id") { id: ID! name: String }`,
      resolvers: {
        Query: { accounts: () => accounts },
        Account: {
          __resolveReference: lookUp(accounts, 'id'),
          plan: ({ id, plan }: (typeof accounts)[number]) => {
            if (id === 'a2') throw new Error('no plan today');
            return plan;
          },
        },
        User: {
          __resolveReference: ({ id }: Item) => ({ id }),
          name: ({ id }: Item) => `name ${id}`,
        },
      },
    },
    offers: {
      header,
      typeDefs: `
        type Account @key(fields: "id") @context(name: "account") {
          id: ID! plan: String @external limit: Limit @external owner: User!
        }
        type Limit { max: Int! @external }
        type User @key(fields: "id") {
          id: ID!
          name: String @external
          offer(plan: String @fromContext(field: "$account { plan }")): String
          limited(max: Int @fromContext(field: "$account { limit { max } }")): String
          greeting(plan: String @fromContext(field: "$account { plan }")): String @requires(fields: "name")
        }`,
      resolvers: {
        Account: { owner: ({ id }: Item) => ({ id: id === 'a1' ? 'u1' : 'u2' }) },
        User: {
          __resolveReference: (given: Item) => given,
          offer: ({ id }: Item, { plan }: { plan: string }) => `${id} ${plan}`,
          limited: ({ id }: Item, { max }: { max: number }) => `${id} ${max}`,
          greeting: ({ name }: { name: string }, { plan }: { plan: string }) => `${name} ${plan}`,
        },
      },
    },
  },
  cases: [
    {
      promise: 'a value deep inside, null on the way',
      query: '{ accounts { owner { limited } user { limited } } }',
      data: {
        accounts: [
          { owner: { limited: 'u1 5' }, user: { limited: 'u1 5' } },
          { owner: { limited: 'u2 null' }, user: { limited: 'u1 null' } },
        ],
      },
    },
    {
      promise: 'a value that is an error of its subgraph is null, and the error is told',
      query: '{ accounts { plan owner { offer } } }',
      data: {
        accounts: [
          { plan: 'gold', owner: { offer: 'u1 gold' } },
          { plan: null, owner: { offer: 'u2 null' } },
        ],
      },
      errors: [{ path: ['accounts', 1, 'plan'], message: 'no plan today' }],
    },
    {
      promise: 'an argument from a context beside a requirement',
      query: '{ accounts { user { greeting } } }',
      data: {
        accounts: [{ user: { greeting: 'name u1 gold' } }, { user: { greeting: 'name u1 null' } }],
      },
      errors: [{ message: 'no plan today' }],
    },
  ],
};

export const context: readonly Graph[] = [shopping, living, accountsGraph];
