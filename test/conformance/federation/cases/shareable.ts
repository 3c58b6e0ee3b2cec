import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';

const cities = [
  { id: 'c1', name: 'Bern', mayor: 'Ann', area: { km2: 51, unit: 'km2' }, tram: true },
  { id: 'c2', name: 'Rome', mayor: 'Bob', area: { km2: 1285, unit: 'km2' }, tram: true },
];

const sharedRoots: Graph = {
  name: 'shared roots and value types',
  subgraphs: {
    maps: {
      typeDefs: `
        type Query {
          cities: [City!]! @shareable
          capital: City @shareable
          world: World @shareable
          nothing: World @shareable
          ping: String @shareable
          only: String
        }
        type City @key(fields: "id") { id: ID! name: String @shareable area: Area @shareable }
        type Area @shareable { km2: Int unit: String }
        type World @shareable { age: Int sea: Sea }
        type Sea @shareable { depth: Int name: String }`,
      resolvers: {
        Query: {
          cities: () => cities,
          capital: () => cities[0],
          world: () => ({ age: 4, sea: { depth: 11, name: 'Pacific' } }),
          nothing: () => null,
          ping: () => 'pong',
          only: () => 'maps',
        },
        City: { __resolveReference: lookUp(cities, 'id') },
      },
    },
    politics: {
      typeDefs: `
        type Query {
          cities: [City!]! @shareable
          capital: City @shareable
          world: World @shareable
          nothing: World @shareable
          ping: String @shareable
        }
        type City @key(fields: "id") { id: ID! name: String @shareable mayor: String area: Area @shareable }
        type Area @shareable { km2: Int unit: String }
        type World @shareable { age: Int states: Int sea: Sea }
        type Sea @shareable { depth: Int owner: String }`,
      resolvers: {
        Query: {
          cities: () => cities,
          capital: () => cities[0],
          world: () => ({ age: 4, states: 195, sea: { depth: 11, owner: 'nobody' } }),
          nothing: () => null,
          ping: () => 'pong',
        },
        City: { __resolveReference: lookUp(cities, 'id') },
      },
    },
    transport: {
      typeDefs: `
        type City @key(fields: "id") { id: ID! tram: Boolean name: String @shareable }
        type Query { world: World @shareable nothing: World @shareable }
        type World { age: Int @shareable trains: Int sea: Sea @shareable }
        type Sea @shareable { depth: Int ports: [String] }`,
      resolvers: {
        Query: {
          nothing: () => null,
          world: () => ({ age: 4, trains: 7, sea: { depth: 11, ports: ['a', null] } }),
        },
        City: { __resolveReference: lookUp(cities, 'id') },
      },
    },
  },
  cases: [
    {
      promise: 'a shared root field is asked of one subgraph',
      query: '{ ping }',
      data: { ping: 'pong' },
    },
    {
      promise: 'the subgraph is chosen that has all of what is asked',
      query: '{ cities { name mayor } }',
      data: {
        cities: [
          { name: 'Bern', mayor: 'Ann' },
          { name: 'Rome', mayor: 'Bob' },
        ],
      },
      calls: ['politics'],
    },
    {
      promise: 'a field that only one subgraph knows is joined to a shared root by the key',
      query: '{ capital { name mayor tram area { km2 } } }',
      data: { capital: { name: 'Bern', mayor: 'Ann', tram: true, area: { km2: 51 } } },
    },
    {
      promise: 'a shared object without a key is put together from several roots',
      query: '{ world { age states trains } }',
      data: { world: { age: 4, states: 195, trains: 7 } },
    },
    {
      promise: 'shared objects below it are put together as well',
      query: '{ world { sea { depth name owner ports } } }',
      data: { world: { sea: { depth: 11, name: 'Pacific', owner: 'nobody', ports: ['a', null] } } },
    },
    {
      promise: 'a shared object under two aliases is put together twice',
      query: '{ a: world { states t: trains } b: world { sea { name o: owner } trains } }',
      data: {
        a: { states: 195, t: 7 },
        b: { sea: { name: 'Pacific', o: 'nobody' }, trains: 7 },
      },
    },
    {
      promise: 'a shared object that is null everywhere is null',
      query: '{ nothing { states age sea { name } } }',
      data: { nothing: null },
    },
    {
      promise: 'shared and own root fields go together',
      query: '{ only ping capital { id } }',
      data: { only: 'maps', ping: 'pong', capital: { id: 'c1' } },
      calls: ['maps'],
    },
  ],
};

const sharedLists: Graph = {
  name: 'shared value types with lists',
  subgraphs: {
    left: {
      typeDefs: `
        type Query { grid: Grid @shareable }
        type Grid @shareable { rows: [Row!]! cells: [[Cell]] }
        type Row @shareable { left: Int sum: Int }
        type Cell @shareable { x: Int y: Int }`,
      resolvers: {
        Query: {
          grid: () => ({
            rows: [
              { left: 1, sum: 3 },
              { left: 5, sum: 11 },
            ],
            cells: [[{ x: 1, y: 2 }, null], [], null, [{ x: 3, y: 4 }]],
          }),
        },
      },
    },
    right: {
      typeDefs: `
        type Query { grid: Grid @shareable }
        type Grid @shareable { rows: [Row!]! cells: [[Cell]] }
        type Row @shareable { right: Int sum: Int }
        type Cell @shareable { y: Int z: Int }`,
      resolvers: {
        Query: {
          grid: () => ({
            rows: [
              { right: 2, sum: 3 },
              { right: 6, sum: 11 },
            ],
            cells: [[{ y: 2, z: 9 }, null], [], null, [{ y: 4, z: 8 }]],
          }),
        },
      },
    },
  },
  cases: [
    {
      promise: 'lists of shared objects are joined item by item',
      query: '{ grid { rows { left right sum } } }',
      data: {
        grid: {
          rows: [
            { left: 1, right: 2, sum: 3 },
            { left: 5, right: 6, sum: 11 },
          ],
        },
      },
    },
    {
      promise: 'lists of lists of shared objects too, around nulls and empty lists',
      query: '{ grid { cells { x y z } } }',
      data: {
        grid: { cells: [[{ x: 1, y: 2, z: 9 }, null], [], null, [{ x: 3, y: 4, z: 8 }]] },
      },
      oracle: 'It joins no lists of lists.',
    },
  ],
};

export const shareable: readonly Graph[] = [sharedRoots, sharedLists];
