import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';
import { aliasesBesideKeys } from '../oracle-faults.ts';

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

export const requires: readonly Graph[] = [chains, nested];
