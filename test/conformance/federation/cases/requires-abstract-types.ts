import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';

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

export const requiresAbstractTypes: readonly Graph[] = [abstractTypes];
