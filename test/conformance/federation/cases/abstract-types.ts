import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';

const items = [
  { __typename: 'Post', id: 'p1', title: 'One', likes: 3, at: '2020' },
  { __typename: 'Link', id: 'l1', url: 'http://example.com', likes: 4, at: '2021' },
  { __typename: 'Note', id: 'n1', text: 'psst', likes: 5, at: '2022' },
];
const ofType = (...names: readonly string[]) =>
  items.filter(({ __typename }) => names.includes(__typename));

/** `Item` has Post and Link in one subgraph, Post and Note in the other. */
const differingUnions: Graph = {
  name: 'unions that differ between subgraphs',
  subgraphs: {
    feed: {
      typeDefs: `
        type Query { feed: [Item] first: Item @shareable both: Both }
        union Item = Post | Link
        union Both = Post | Link
        type Post @key(fields: "id") { id: ID! title: String pinned: Item @shareable }
        type Link @key(fields: "id") { id: ID! url: String target: Item }`,
      resolvers: {
        Query: { feed: () => ofType('Post', 'Link'), first: () => items[0], both: () => items[1] },
        Post: { __resolveReference: lookUp(items, 'id'), pinned: () => items[0] },
        Link: { __resolveReference: lookUp(items, 'id'), target: () => items[0] },
      },
    },
    notes: {
      typeDefs: `
        type Query { notes: [Item] first: Item @shareable }
        union Item = Post | Note
        union Both = Post
        type Post @key(fields: "id") { id: ID! likes: Int pinned: Item @shareable }
        type Note @key(fields: "id") { id: ID! text: String }`,
      resolvers: {
        Query: { notes: () => ofType('Post', 'Note'), first: () => items[0] },
        Post: { __resolveReference: lookUp(items, 'id'), pinned: () => items[0] },
        Note: { __resolveReference: lookUp(items, 'id') },
      },
    },
  },
  cases: [
    {
      promise: 'a subgraph is not asked about members that it does not know',
      query:
        '{ feed { __typename ... on Post { title } ... on Link { url } ... on Note { text } } }',
      data: {
        feed: [
          { __typename: 'Post', title: 'One' },
          { __typename: 'Link', url: 'http://example.com' },
        ],
      },
      calls: ['feed'],
    },
    {
      promise: 'each root field is asked about the members that its own subgraph knows',
      query: `{ feed { ...F } notes { ...F } }
        fragment F on Item { ... on Post { title likes } ... on Link { url } ... on Note { text } }`,
      data: {
        feed: [{ title: 'One', likes: 3 }, { url: 'http://example.com' }],
        notes: [{ title: 'One', likes: 3 }, { text: 'psst' }],
      },
    },
    {
      promise: 'a shared root field has the members that all of its subgraphs know',
      query:
        '{ first { __typename ... on Post { title likes } ... on Link { url } ... on Note { text } } }',
      data: { first: { __typename: 'Post', title: 'One', likes: 3 } },
    },
    {
      promise: 'a selection of unknown members only leaves empty objects',
      query: '{ feed { ... on Note { text } } }',
      data: { feed: [{}, {}] },
    },
    {
      promise: 'a union inside a union',
      query:
        '{ feed { ... on Link { target { ... on Post { likes } ... on Note { id } } } ... on Post { pinned { __typename } } } }',
      data: { feed: [{ pinned: { __typename: 'Post' } }, { target: { likes: 3 } }] },
    },
    {
      promise: 'a fragment on one union inside another keeps the members of both',
      query:
        '{ both { ... on Item { __typename ... on Link { url } } } feed { ... on Both { ... on Post { id } } } }',
      data: { both: { __typename: 'Link', url: 'http://example.com' }, feed: [{ id: 'p1' }, {}] },
    },
    {
      promise: 'the same response key may be another field in each member',
      query:
        '{ feed { ... on Post { x: title } ... on Link { x: url } } notes { ... on Post { x: title } ... on Note { x: text } } }',
      data: {
        feed: [{ x: 'One' }, { x: 'http://example.com' }],
        notes: [{ x: 'One' }, { x: 'psst' }],
      },
    },
  ],
};

const vehicles = [
  { __typename: 'Car', id: 'v1', wheels: 4, doors: 5, owner: 'Ann', speed: 200 },
  { __typename: 'Bike', id: 'v2', wheels: 2, gears: 21, owner: 'Bob', speed: 30 },
  { __typename: 'Boat', id: 'v3', wheels: 0, sails: 2, owner: 'Cid', speed: 20 },
];

/** Each subgraph has its own idea of what a Vehicle has, and of who is one. */
const differingInterfaces: Graph = {
  name: 'interfaces that differ between subgraphs',
  subgraphs: {
    garage: {
      typeDefs: `
        type Query { garage: [Vehicle!]! moving: [Moving] }
        interface Vehicle { id: ID! wheels: Int }
        interface Moving { wheels: Int }
        type Car implements Vehicle & Moving @key(fields: "id") { id: ID! wheels: Int @shareable doors: Int }
        type Bike implements Vehicle & Moving @key(fields: "id") { id: ID! wheels: Int @shareable gears: Int }`,
      resolvers: {
        Query: { garage: () => vehicles.slice(0, 2), moving: () => vehicles.slice(0, 2) },
        Car: { __resolveReference: lookUp(vehicles, 'id') },
        Bike: { __resolveReference: lookUp(vehicles, 'id') },
      },
    },
    registry: {
      typeDefs: `
        type Query { registered: [Vehicle!]! }
        interface Vehicle { id: ID! owner: String }
        type Car implements Vehicle @key(fields: "id") { id: ID! owner: String }
        type Bike implements Vehicle @key(fields: "id") { id: ID! owner: String }
        type Boat implements Vehicle @key(fields: "id") { id: ID! owner: String wheels: Int sails: Int }`,
      resolvers: {
        Query: { registered: () => vehicles },
        Car: { __resolveReference: lookUp(vehicles, 'id') },
        Bike: { __resolveReference: lookUp(vehicles, 'id') },
        Boat: { __resolveReference: lookUp(vehicles, 'id') },
      },
    },
    speeds: {
      typeDefs: `
        interface Fast { speed: Int }
        type Car implements Fast @key(fields: "id") { id: ID! speed: Int }
        type Boat implements Fast @key(fields: "id") { id: ID! speed: Int }
        type Query { fastest: Fast fast: [Fast] }`,
      resolvers: {
        Query: { fastest: () => vehicles[0], fast: () => [vehicles[2], vehicles[0]] },
        Car: { __resolveReference: lookUp(vehicles, 'id') },
        Boat: { __resolveReference: lookUp(vehicles, 'id') },
      },
    },
  },
  cases: [
    {
      promise: 'a field that the interface has elsewhere is fetched type by type',
      query: '{ garage { id owner } }',
      data: {
        garage: [
          { id: 'v1', owner: 'Ann' },
          { id: 'v2', owner: 'Bob' },
        ],
      },
      calls: ['garage', 'registry'],
    },
    {
      promise: 'a type that one subgraph does not know as this interface answers as well',
      query: '{ registered { owner wheels } }',
      data: {
        registered: [
          { owner: 'Ann', wheels: 4 },
          { owner: 'Bob', wheels: 2 },
          { owner: 'Cid', wheels: 0 },
        ],
      },
    },
    {
      promise: 'a fragment on another interface applies to the types that have it anywhere',
      query: '{ registered { id ... on Fast { speed } ... on Moving { wheels } } }',
      data: {
        registered: [
          { id: 'v1', speed: 200, wheels: 4 },
          { id: 'v2', wheels: 2 },
          { id: 'v3', speed: 20 },
        ],
      },
    },
    {
      promise: 'fragments inside fragments narrow step by step',
      query:
        '{ garage { ... on Moving { ... on Vehicle { ... on Car { doors owner speed } __typename } } } }',
      data: {
        garage: [{ doors: 5, owner: 'Ann', speed: 200, __typename: 'Car' }, { __typename: 'Bike' }],
      },
    },
    {
      promise: 'an interface of one subgraph leads to fields of the others',
      query:
        '{ fastest { __typename speed ... on Vehicle { owner wheels } } fast { ... on Boat { sails } } }',
      data: {
        fastest: { __typename: 'Car', speed: 200, owner: 'Ann', wheels: 4 },
        fast: [{ sails: 2 }, {}],
      },
    },
    {
      promise: 'an interface whose fields are all its own answers without fragments',
      query: '{ moving { wheels } fast { speed } }',
      data: { moving: [{ wheels: 4 }, { wheels: 2 }], fast: [{ speed: 20 }, { speed: 200 }] },
    },
    {
      promise: 'one field asked on the interface and on a type is one field',
      query: '{ garage { owner ... on Car { owner doors } ... on Vehicle { owner id } } }',
      data: {
        garage: [
          { owner: 'Ann', doors: 5, id: 'v1' },
          { owner: 'Bob', id: 'v2' },
        ],
      },
    },
  ],
};

const tree = {
  id: '1',
  __typename: 'Folder',
  name: 'root',
  entries: [
    { __typename: 'Doc', id: '2', name: 'a', size: 1 },
    {
      __typename: 'Folder',
      id: '3',
      name: 'sub',
      entries: [{ __typename: 'Doc', id: '4', name: 'b', size: 2 }],
    },
  ],
};

const hierarchies: Graph = {
  name: 'interfaces that implement interfaces',
  subgraphs: {
    tree: {
      typeDefs: `
        type Query { root: Entry }
        interface Node { id: ID! }
        interface Entry implements Node { id: ID! name: String }
        interface Sized implements Entry & Node { id: ID! name: String size: Int }
        type Folder implements Entry & Node @key(fields: "id") { id: ID! name: String entries: [Entry!]! }
        type Doc implements Sized & Entry & Node @key(fields: "id") { id: ID! name: String size: Int }`,
      resolvers: { Query: { root: () => tree } },
    },
    owners: {
      typeDefs: `
        interface Owned { owner: String! }
        type Folder implements Owned @key(fields: "id") { id: ID! owner: String! }
        type Doc implements Owned @key(fields: "id") { id: ID! owner: String! }
        type Query { owned: Owned }`,
      resolvers: {
        Query: { owned: () => ({ __typename: 'Doc', id: '4' }) },
        Folder: { owner: ({ id }: { id: string }) => `owner of ${id}` },
        Doc: { owner: ({ id }: { id: string }) => `owner of ${id}` },
      },
    },
  },
  cases: [
    {
      promise: 'fragments on every level of the hierarchy apply',
      query:
        '{ root { ... on Node { id } ... on Sized { size } ... on Entry { name } ... on Folder { entries { ... on Node { id } ... on Sized { size } } } } }',
      data: { root: { id: '1', name: 'root', entries: [{ id: '2', size: 1 }, { id: '3' }] } },
    },
    {
      promise: 'a recursive structure is fetched level by level',
      query: `{ root { ...E ... on Folder { entries { ...E ... on Folder { entries { ...E } } } } } }
        fragment E on Entry { name ... on Owned { owner } }`,
      data: {
        root: {
          name: 'root',
          owner: 'owner of 1',
          entries: [
            { name: 'a', owner: 'owner of 2' },
            { name: 'sub', owner: 'owner of 3', entries: [{ name: 'b', owner: 'owner of 4' }] },
          ],
        },
      },
    },
    {
      promise: 'the way from an interface of one subgraph to an interface of another',
      query: '{ owned { owner ... on Node { id } __typename } }',
      data: { owned: { owner: 'owner of 4', id: '4', __typename: 'Doc' } },
    },
  ],
};

export const abstractTypes: readonly Graph[] = [differingUnions, differingInterfaces, hierarchies];
