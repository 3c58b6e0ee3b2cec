import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';
import { aliasesBesideKeys, requiredArguments } from '../oracle-faults.ts';

const parcels = [
  { id: '1', weight: 2, width: 3, height: 4, name: 'Box', price: 10, hazards: ['acid', 'fire'] },
  { id: '2', weight: 5, width: 1, height: 1, name: 'Bag', price: null, hazards: [] },
];

interface Parcel {
  readonly id: string;
  readonly weight?: number;
  readonly price?: number | null;
  readonly shipping?: number | null;
  readonly tax?: number | null;
  readonly hazards?: readonly string[];
}

/** Each subgraph computes with what the one before it has computed. */
const chains: Graph = {
  name: '@requires in chains',
  subgraphs: {
    parcels: {
      typeDefs: `
        type Query { parcels: [Parcel!]! parcel(id: ID!): Parcel }
        type Parcel @key(fields: "id") {
          id: ID! name: String weight: Int width: Int height: Int price: Int hazards: [String!]
          total: Int @requires(fields: "tax") tax: Int @external
        }`,
      resolvers: {
        Query: {
          parcels: () => parcels,
          parcel: (_: unknown, args: { id: string }) => lookUp(parcels, 'id')(args),
        },
        Parcel: {
          __resolveReference: (given: Parcel) => ({
            ...lookUp(parcels, 'id')({ ...given }),
            ...given,
          }),
          total: ({ tax, price }: Parcel) => (price == null || tax == null ? null : price + tax),
        },
      },
    },
    shipping: {
      typeDefs: `
        type Parcel @key(fields: "id") {
          id: ID!
          weight: Int @external
          hazards: [String!] @external
          shipping: Int @requires(fields: "weight")
          warning: String @requires(fields: "hazards")
        }`,
      resolvers: {
        Parcel: {
          shipping: ({ weight }: Parcel) => (weight === undefined ? null : weight * 10),
          warning: ({ hazards }: Parcel) => hazards?.join('+') ?? 'unknown',
        },
      },
    },
    taxes: {
      typeDefs: `
        type Parcel @key(fields: "id") {
          id: ID!
          price: Int @external
          shipping: Int @external
          tax: Int @requires(fields: "price shipping")
        }`,
      resolvers: {
        Parcel: {
          tax: ({ price, shipping }: Parcel) =>
            price == null || shipping == null ? null : (price + shipping) / 2,
        },
      },
    },
  },
  cases: [
    {
      promise: 'a field gets what it requires although the client did not ask for it',
      query: '{ parcels { shipping } }',
      data: { parcels: [{ shipping: 20 }, { shipping: 50 }] },
      calls: ['parcels', 'shipping'],
    },
    {
      promise: 'a required field may itself require one of a third subgraph',
      query: '{ parcel(id: "1") { tax } }',
      data: { parcel: { tax: 15 } },
      calls: ['parcels', 'shipping', 'taxes'],
    },
    {
      promise: 'a chain can end where it began',
      query: '{ parcel(id: "1") { total } }',
      data: { parcel: { total: 25 } },
    },
    {
      promise: 'a required null is sent as null',
      query: '{ parcels { id total tax } }',
      data: {
        parcels: [
          { id: '1', total: 25, tax: 15 },
          { id: '2', total: null, tax: null },
        ],
      },
    },
    {
      promise: 'a required list is sent whole, an empty one as an empty one',
      query: '{ parcels { warning } }',
      data: { parcels: [{ warning: 'acid+fire' }, { warning: '' }] },
    },
    {
      promise: 'what is required may be asked for as well, under any alias',
      query: '{ parcel(id: "2") { w: weight s: shipping weight name } }',
      data: { parcel: { w: 5, s: 50, weight: 5, name: 'Bag' } },
    },
    {
      promise: 'an alias that is the name of the required field is an ordinary alias',
      query: '{ parcel(id: "1") { weight: name s: shipping } }',
      data: { parcel: { weight: 'Box', s: 20 } },
      oracle: aliasesBesideKeys,
    },
    {
      promise: 'the result may stand under the name of what it requires',
      query: '{ parcel(id: "1") { weight: shipping price: tax } }',
      data: { parcel: { weight: 20, price: 15 } },
    },
    {
      promise: 'two requirements of one entity are met in one call each',
      query: '{ parcels { shipping warning } }',
      data: {
        parcels: [
          { shipping: 20, warning: 'acid+fire' },
          { shipping: 50, warning: '' },
        ],
      },
      calls: ['parcels', 'shipping'],
    },
  ],
};

const rooms = [
  {
    id: 'r1',
    size: { area: 12, unit: { name: 'm2' } },
    beds: [
      { kind: 'single', width: 90 },
      { kind: 'double', width: 180 },
    ],
    host: { id: 'h1' },
  },
  { id: 'r2', size: null, beds: [], host: { id: 'h2' } },
];
const hosts = [
  { id: 'h1', name: 'Ann', tier: 'gold' },
  { id: 'h2', name: 'Bob', tier: 'none' },
];

const nested: Graph = {
  name: '@requires of nested fields',
  subgraphs: {
    rooms: {
      typeDefs: `
        type Query { rooms: [Room!]! }
        type Room @key(fields: "id") { id: ID! size: Size beds: [Bed!]! host: Host! }
        type Size { area: Int! unit: Unit }
        type Unit { name: String }
        type Bed { kind: String width: Int }
        type Host @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: { rooms: () => rooms },
        Room: { __resolveReference: lookUp(rooms, 'id') },
      },
    },
    hosts: {
      typeDefs: `
        type Host @key(fields: "id") { id: ID! name: String tier: String }`,
      resolvers: { Host: { __resolveReference: lookUp(hosts, 'id') } },
    },
    offers: {
      typeDefs: `
        type Room @key(fields: "id") {
          id: ID!
          size: Size @external
          beds: [Bed!]! @external
          host: Host! @external
          label: String @requires(fields: "size { area unit { name } }")
          sleeps: String @requires(fields: "beds { kind width }")
          discount: String @requires(fields: "host { tier }")
        }
        type Size { area: Int! @external unit: Unit @external }
        type Unit { name: String @external }
        type Bed { kind: String @external width: Int @external }
        type Host @key(fields: "id") { id: ID! tier: String @external }`,
      resolvers: {
        Room: {
          label: ({ size }: Room) => (size === null ? 'no size' : `${size.area} ${size.unit.name}`),
          sleeps: ({ beds }: Room) => beds.map(({ kind, width }) => `${kind}:${width}`).join(','),
          discount: ({ host }: Room) => `for ${host.tier}`,
        },
      },
    },
  },
  cases: [
    {
      promise: 'fields of fields are required, and null stays null at any level',
      query: '{ rooms { label } }',
      data: { rooms: [{ label: '12 m2' }, { label: 'no size' }] },
    },
    {
      promise: 'a list of objects is required with its items in order',
      query: '{ rooms { sleeps } }',
      data: { rooms: [{ sleeps: 'single:90,double:180' }, { sleeps: '' }] },
    },
    {
      promise: 'a field of another entity is required, from a third subgraph',
      query: '{ rooms { discount } }',
      data: { rooms: [{ discount: 'for gold' }, { discount: 'for none' }] },
      calls: ['hosts', 'offers', 'rooms'],
    },
    {
      promise: 'only what the client asked for of the required objects is answered',
      query: '{ rooms { sleeps beds { width } host { name } discount } }',
      data: {
        rooms: [
          {
            sleeps: 'single:90,double:180',
            beds: [{ width: 90 }, { width: 180 }],
            host: { name: 'Ann' },
            discount: 'for gold',
          },
          { sleeps: '', beds: [], host: { name: 'Bob' }, discount: 'for none' },
        ],
      },
    },
    {
      promise: 'aliases inside the objects that are required do not change what is sent',
      query: '{ rooms { beds { k: kind w: width } s: size { a: area } label sleeps } }',
      data: {
        rooms: [
          {
            beds: [
              { k: 'single', w: 90 },
              { k: 'double', w: 180 },
            ],
            s: { a: 12 },
            label: '12 m2',
            sleeps: 'single:90,double:180',
          },
          { beds: [], s: null, label: 'no size', sleeps: '' },
        ],
      },
    },
  ],
};

interface Room {
  readonly size: { area: number; unit: { name: string } };
  readonly beds: readonly { kind: string; width: number }[];
  readonly host: { tier: string };
}

const goods = [
  { id: 'g1', prices: { EUR: 10, USD: 12 } as Record<string, number> },
  { id: 'g2', prices: { EUR: 20, USD: 24 } as Record<string, number> },
];

const withArguments: Graph = {
  name: '@requires of fields with arguments',
  subgraphs: {
    goods: {
      typeDefs: `
        type Query { goods: [Good!]! }
        enum Currency { EUR USD }
        input Rate { currency: Currency! factor: Int = 1 }
        type Good @key(fields: "id") {
          id: ID! price(currency: Currency! = EUR, factor: Int): Int rated(by: [Rate!]): Int
        }`,
      resolvers: {
        Query: { goods: () => goods },
        Good: {
          __resolveReference: lookUp(goods, 'id'),
          price: ({ prices }: Good, { currency, factor = 1 }: Rate) =>
            (prices[currency] ?? 0) * factor,
          rated: ({ prices }: Good, { by }: { by: readonly Rate[] }) =>
            by.reduce((sum, { currency, factor = 1 }) => sum + (prices[currency] ?? 0) * factor, 0),
        },
      },
    },
    duties: {
      typeDefs: `
        enum Currency { EUR USD }
        input Rate { currency: Currency! factor: Int = 1 }
        type Good @key(fields: "id") {
          id: ID!
          price(currency: Currency! = EUR, factor: Int): Int @external
          rated(by: [Rate!]): Int @external
          duty: String @requires(fields: "price(currency: USD)")
          fee: String @requires(fields: "price(currency: EUR, factor: 3)")
          usual: String @requires(fields: "price")
          rating: String @requires(fields: "rated(by: [{ currency: USD, factor: 2 }, { currency: EUR }])")
        }`,
      resolvers: {
        Good: {
          duty: ({ price }: { price: number }) => `duty on ${price}`,
          fee: ({ price }: { price: number }) => `fee on ${price}`,
          usual: ({ price }: { price: number }) => `usual ${price}`,
          rating: ({ rated }: { rated: number }) => `rated ${rated}`,
        },
      },
    },
  },
  cases: [
    {
      promise: 'a required field is asked for with the arguments of the requirement',
      query: '{ goods { duty } }',
      data: { goods: [{ duty: 'duty on 12' }, { duty: 'duty on 24' }] },
    },
    {
      promise: 'the client may ask for the same field with other arguments',
      query: '{ goods { price duty } }',
      data: {
        goods: [
          { price: 10, duty: 'duty on 12' },
          { price: 20, duty: 'duty on 24' },
        ],
      },
      oracle: requiredArguments,
    },
    {
      promise: 'the client may ask for the same field with other arguments under its own aliases',
      query: 'query ($c: Currency!) { goods { a: price(currency: $c) b: price(factor: 2) duty } }',
      variables: { c: 'USD' },
      data: {
        goods: [
          { a: 12, b: 20, duty: 'duty on 12' },
          { a: 24, b: 40, duty: 'duty on 24' },
        ],
      },
    },
    {
      promise: 'two requirements of one field with conflicting arguments get one value each',
      query: '{ goods { duty fee } }',
      data: {
        goods: [
          { duty: 'duty on 12', fee: 'fee on 30' },
          { duty: 'duty on 24', fee: 'fee on 60' },
        ],
      },
      oracle: requiredArguments,
      knownFailure: { apollo: requiredArguments },
    },
    {
      promise: 'three requirements of one field, and the client asks for it too',
      query: '{ goods { duty fee usual price(currency: USD, factor: 10) } }',
      data: {
        goods: [
          { duty: 'duty on 12', fee: 'fee on 30', usual: 'usual 10', price: 120 },
          { duty: 'duty on 24', fee: 'fee on 60', usual: 'usual 20', price: 240 },
        ],
      },
      oracle: requiredArguments,
      knownFailure: { apollo: requiredArguments },
    },
    {
      promise: 'a requirement may have lists of input objects as arguments',
      query: '{ goods { rating } }',
      data: { goods: [{ rating: 'rated 34' }, { rating: 'rated 68' }] },
    },
    {
      promise: 'one requirement on several paths, with a conflict on one of them',
      query: '{ a: goods { price duty } b: goods { duty } c: goods { duty price(currency: USD) } }',
      data: {
        a: [
          { price: 10, duty: 'duty on 12' },
          { price: 20, duty: 'duty on 24' },
        ],
        b: [{ duty: 'duty on 12' }, { duty: 'duty on 24' }],
        c: [
          { duty: 'duty on 12', price: 12 },
          { duty: 'duty on 24', price: 24 },
        ],
      },
      oracle: requiredArguments,
    },
    {
      promise: 'several requirements on several paths, in several company',
      query: '{ a: goods { duty fee } b: goods { fee } c: goods { usual duty } d: goods { duty } }',
      data: {
        a: [
          { duty: 'duty on 12', fee: 'fee on 30' },
          { duty: 'duty on 24', fee: 'fee on 60' },
        ],
        b: [{ fee: 'fee on 30' }, { fee: 'fee on 60' }],
        c: [
          { usual: 'usual 10', duty: 'duty on 12' },
          { usual: 'usual 20', duty: 'duty on 24' },
        ],
        d: [{ duty: 'duty on 12' }, { duty: 'duty on 24' }],
      },
      knownFailure: {
        auto: 'one batch for all paths takes the keys of one of them',
        apollo: requiredArguments,
      },
      oracle: requiredArguments,
    },
    {
      promise: 'an alias that is the name of its own field is none',
      query: '{ a: goods { id: id p: price price: price usual: usual } b: goods { u: usual } }',
      data: {
        a: [
          { id: 'g1', p: 10, price: 10, usual: 'usual 10' },
          { id: 'g2', p: 20, price: 20, usual: 'usual 20' },
        ],
        b: [{ u: 'usual 10' }, { u: 'usual 20' }],
      },
    },
    {
      promise: 'one required field under two aliases is computed once for both',
      query: '{ goods { x: duty y: duty } }',
      data: {
        goods: [
          { x: 'duty on 12', y: 'duty on 12' },
          { x: 'duty on 24', y: 'duty on 24' },
        ],
      },
    },
  ],
};

interface Good {
  readonly prices: Record<string, number>;
}
interface Rate {
  readonly currency: string;
  readonly factor?: number;
}

const shelters = [
  {
    id: 's1',
    animal: { __typename: 'Cat', name: 'Tom', lives: 9 },
    guests: [
      { __typename: 'Dog', name: 'Rex', tricks: ['sit'] },
      { __typename: 'Cat', name: 'Kit', lives: 7 },
    ],
  },
  { id: 's2', animal: { __typename: 'Dog', name: 'Bo', tricks: [] }, guests: [] },
  { id: 's3', animal: null, guests: [{ __typename: 'Fish', depth: 3 }] },
];

interface Shelter {
  readonly animal: Record<string, unknown> | null;
  readonly guests: readonly Record<string, unknown>[];
}

const animals = `
  interface Animal { name: String }
  type Cat implements Animal @shareable { name: String lives: Int }
  type Dog implements Animal @shareable { name: String tricks: [String!] }
  type Fish @shareable { depth: Int }
  union Guest = Cat | Dog | Fish`;

const abstractTypes: Graph = {
  name: '@requires of abstract types',
  subgraphs: {
    shelters: {
      typeDefs: `
        type Query { shelters: [Shelter!]! }
        type Shelter @key(fields: "id") { id: ID! animal: Animal guests: [Guest!]! }${animals}`,
      resolvers: {
        Query: { shelters: () => shelters },
        Shelter: { __resolveReference: lookUp(shelters, 'id') },
      },
    },
    care: {
      typeDefs: `
        type Shelter @key(fields: "id") {
          id: ID!
          animal: Animal @external
          guests: [Guest!]! @external
          names: String @requires(fields: "animal { name }")
          plan: String @requires(fields: "animal { ... on Cat { lives } ... on Dog { tricks name } }")
          rooms: String @requires(fields: "guests { ... on Cat { lives name } ... on Dog { tricks } ... on Fish { depth } }")
          kinds: String @requires(fields: "guests { __typename }")
        }${animals}`,
      resolvers: {
        Shelter: {
          names: ({ animal }: Shelter) => String(animal?.name),
          plan: ({ animal }: Shelter) => describe(animal),
          rooms: ({ guests }: Shelter) => guests.map(describe).join(' | '),
          kinds: ({ guests }: Shelter) => guests.map(({ __typename }) => __typename).join(' '),
        },
      },
    },
  },
  cases: [
    {
      promise: 'a field of an interface is required',
      query: '{ shelters { names } }',
      data: { shelters: [{ names: 'Tom' }, { names: 'Bo' }, { names: 'undefined' }] },
    },
    {
      promise: 'fragments in the requirement pick fields by the concrete type',
      query: '{ shelters { plan } }',
      data: {
        shelters: [{ plan: 'lives=9' }, { plan: 'name=Bo tricks=' }, { plan: 'nobody' }],
      },
    },
    {
      promise: 'a list of a union is required with the fields of each type',
      query: '{ shelters { rooms } }',
      data: {
        shelters: [{ rooms: 'tricks=sit | lives=7 name=Kit' }, { rooms: '' }, { rooms: 'depth=3' }],
      },
    },
    {
      promise: '__typename alone can be required',
      query: '{ shelters { kinds } }',
      data: { shelters: [{ kinds: 'Dog Cat' }, { kinds: '' }, { kinds: 'Fish' }] },
    },
    {
      promise: 'the client asks for the same abstract fields in its own way',
      query: `{ shelters { plan rooms animal { n: name ... on Dog { t: tricks } } guests { __typename ... on Cat { name } } } }`,
      data: {
        shelters: [
          {
            plan: 'lives=9',
            rooms: 'tricks=sit | lives=7 name=Kit',
            animal: { n: 'Tom' },
            guests: [{ __typename: 'Dog' }, { __typename: 'Cat', name: 'Kit' }],
          },
          { plan: 'name=Bo tricks=', rooms: '', animal: { n: 'Bo', t: [] }, guests: [] },
          { plan: 'nobody', rooms: 'depth=3', animal: null, guests: [{ __typename: 'Fish' }] },
        ],
      },
    },
  ],
};

/** All fields of an object that came in a representation, by name. */
function describe(object: Record<string, unknown> | null): string {
  if (object === null) return 'nobody';
  const fields = Object.entries(object).filter(([name]) => name !== '__typename');
  return fields
    .sort()
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}

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
      knownFailure: {
        apollo: 'the planner asks for what is required before that has been computed',
      },
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
    },
  ],
};

export const requires: readonly Graph[] = [chains, nested, withArguments, abstractTypes, circular];
