import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';
import { unplanned } from '../planner-faults.ts';

const photo = { __typename: 'Photo', title: 'Dunes' };
const paint = { __typename: 'Paint', oil: 'linseed' };
const stone = { __typename: 'Stone', weight: 80 };
const hall = { id: 'h1' };

const dropped =
  'Below shared fields, planners ask only for members that all subgraphs know, also where one subgraph alone answers.';

/** Which members of a union can come depends on which subgraphs can still answer at that place. */
const halls: Graph = {
  name: 'members of a union behind shared fields',
  subgraphs: {
    north: {
      typeDefs: `
        type Query { northHall: Hall anyHall: Hall @shareable }
        type Hall @key(fields: "id") { id: ID! wall: Wall @shareable }
        type Wall @shareable { pieces: [Piece!]! }
        union Piece = Photo | Paint
        type Photo @shareable { title: String }
        type Paint { oil(times: Int = 1): String maker: Maker }
        type Maker { name: String of(unit: String): String }`,
      resolvers: {
        Query: {
          northHall: () => ({ ...hall, pieces: [photo, paint] }),
          anyHall: () => ({ ...hall, pieces: [photo] }),
        },
        Hall: {
          __resolveReference: () => ({ ...hall, pieces: [photo, paint] }),
          wall: ({ pieces }: { pieces: unknown }) => ({ pieces }),
        },
        Paint: {
          oil: ({ oil }: { oil: string }, { times }: { times: number }) => oil.repeat(times),
          maker: () => ({ name: 'Ann' }),
        },
        Maker: {
          of: ({ name }: { name: string }, { unit }: { unit: string }) => `${name} ${unit}`,
        },
      },
    },
    south: {
      typeDefs: `
        type Query { southHall: Hall anyHall: Hall @shareable }
        type Hall @key(fields: "id") { id: ID! wall: Wall @shareable backWall: Wall guards: [Guard!]! }
        type Wall @shareable { pieces: [Piece!]! }
        union Piece = Photo | Stone
        type Photo @shareable { title: String }
        type Stone { weight: Int }
        type Guard @key(fields: "name") { name: String! }`,
      resolvers: {
        Query: {
          southHall: () => ({ ...hall, pieces: [photo, stone] }),
          anyHall: () => ({ ...hall, pieces: [photo] }),
        },
        Hall: {
          __resolveReference: () => ({ ...hall, pieces: [photo, stone] }),
          wall: ({ pieces }: { pieces: unknown }) => ({ pieces }),
          backWall: () => ({ pieces: [stone, photo] }),
          guards: () => [],
        },
      },
    },
  },
  cases: [
    {
      promise: 'members of the subgraph where the way began',
      query: `
        { northHall { wall { pieces { ...P } } } southHall { wall { pieces { ...P } } } }
        fragment P on Piece { __typename ... on Photo { title } ... on Paint { oil } ... on Stone { weight } }`,
      data: {
        northHall: { wall: { pieces: [photo, paint] } },
        southHall: { wall: { pieces: [photo, stone] } },
      },
      oracle: dropped,
    },
    {
      promise: 'their fields with variables, aliases, fragments and objects',
      query: `
        query ($n: Int, $u: String!) {
          h: northHall { w: wall { p: pieces { ... on Piece { ...Paint } ... on Photo { t: title } } } }
        }
        fragment Paint on Paint { title: oil(times: $n) made: maker { name of(unit: $u) ... on Maker { id: name } } }`,
      variables: { n: 2, u: 'kg' },
      data: {
        h: {
          w: {
            p: [
              { t: 'Dunes' },
              { title: 'linseedlinseed', made: { name: 'Ann', of: 'Ann kg', id: 'Ann' } },
            ],
          },
        },
      },
      calls: ['north'],
      oracle: dropped,
    },
    {
      promise: 'where both can answer, what both know',
      query:
        '{ anyHall { wall { pieces { __typename ... on Photo { title } ... on Paint { oil } ... on Stone { weight } } } } }',
      data: { anyHall: { wall: { pieces: [photo] } } },
    },
    {
      promise: 'after the way to another subgraph, the members of that one',
      query:
        '{ northHall { backWall { pieces { __typename ... on Photo { title } ... on Paint { oil } ... on Stone { weight } } } } }',
      data: { northHall: { backWall: { pieces: [stone, photo] } } },
      calls: ['north', 'south'],
    },
    {
      promise: 'a member that cannot come here is asked for in vain',
      query: '{ northHall { wall { pieces { __typename ... on Stone { weight } } } } }',
      data: {
        northHall: { wall: { pieces: [{ __typename: 'Photo' }, { __typename: 'Paint' }] } },
      },
      calls: ['north'],
    },
    {
      promise: 'an empty list of entities beside it asks nobody',
      query: '{ southHall { guards { name } id } }',
      data: { southHall: { guards: [], id: 'h1' } },
      calls: ['south'],
    },
  ],
};

/** A third subgraph refers to an interface by its key and knows nothing else of it. */
const stubs: Graph = {
  name: 'an @interfaceObject without fields of its own',
  subgraphs: {
    works: {
      typeDefs: `
        type Query { work: Work }
        interface Work @key(fields: "id") { id: ID! title: String }
        type Film implements Work @key(fields: "id") { id: ID! title: String minutes: Int }
        type Book implements Work @key(fields: "id") { id: ID! title: String pages: Int }`,
      resolvers: {
        Query: { work: () => ({ __typename: 'Film', id: '1', title: 'work 1', minutes: 90 }) },
        Work: {
          __resolveReference: ({ id }: { id: string }) => ({
            __typename: id === '2' ? 'Book' : 'Film',
            id,
            title: `work ${id}`,
            minutes: 90,
            pages: 200,
          }),
        },
        Film: {
          __resolveReference: ({ id }: { id: string }) => ({
            id,
            title: `work ${id}`,
            minutes: 90,
          }),
        },
        Book: {
          __resolveReference: ({ id }: { id: string }) => ({ id, title: `work ${id}`, pages: 200 }),
        },
      },
    },
    directors: {
      typeDefs: 'type Film @key(fields: "id") { id: ID! director: String }',
      resolvers: { Film: { director: ({ id }: { id: string }) => `director of ${id}` } },
    },
    lists: {
      typeDefs: `
        type Query { list: List lists: [List!]! }
        type List @key(fields: "id") { id: ID! name: String first: Work works: [Work!]! }
        type Work @key(fields: "id") @interfaceObject { id: ID! }`,
      resolvers: {
        Query: { list: () => ({ id: 'l1' }), lists: () => [{ id: 'l1' }, { id: 'l2' }] },
        List: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          name: ({ id }: { id: string }) => `list ${id}`,
          first: () => ({ id: '1' }),
          works: ({ id }: { id: string }) => (id === 'l1' ? [{ id: '1' }, { id: '2' }] : []),
        },
      },
    },
  },
  cases: [
    {
      promise: 'from the stub to the fields of a concrete type',
      query:
        '{ list { name first { id ... on Film { minutes } } } work { id title ... on Film { minutes director } ... on Book { pages } } }',
      data: {
        list: { name: 'list l1', first: { id: '1', minutes: 90 } },
        work: { id: '1', title: 'work 1', minutes: 90, director: 'director of 1' },
      },
      knownFailure: { hive: unplanned },
    },
    {
      promise: 'from the stub through its interface to an extension of one type',
      query:
        '{ lists { works { __typename title ... on Film { director } ... on Book { pages } } } }',
      data: {
        lists: [
          {
            works: [
              { __typename: 'Film', title: 'work 1', director: 'director of 1' },
              { __typename: 'Book', title: 'work 2', pages: 200 },
            ],
          },
          { works: [] },
        ],
      },
      knownFailure: { hive: unplanned },
    },
    {
      promise: 'the key of a stub needs nobody else',
      query: '{ lists { works { id } } }',
      data: { lists: [{ works: [{ id: '1' }, { id: '2' }] }, { works: [] }] },
      calls: ['lists'],
    },
  ],
};

const pages = [
  { id: 'p1', name: 'One', more: 'm1' },
  { id: 'p2', name: 'Two', more: 'm2' },
];

/** What is provided may be expensive; who does not ask for it does not cause it. */
const providing: Graph = {
  name: '@provides, and only what was asked for',
  subgraphs: {
    owner: {
      typeDefs: `
        type Page @key(fields: "id") { id: ID! name: String! @shareable text: String! @shareable more: String! }`,
      resolvers: {
        Page: {
          __resolveReference: lookUp(pages, 'id'),
          name: () => {
            throw new Error('the name is provided');
          },
          text: () => {
            throw new Error('the text is provided');
          },
        },
      },
    },
    index: {
      typeDefs: `
        type Query { page: Page @provides(fields: "name text") pages: [Page!]! @provides(fields: "name text") }
        type Page @key(fields: "id") { id: ID! name: String! @external text: String! @external }`,
      resolvers: {
        Query: { page: () => pages[0], pages: () => pages },
        Page: {
          text: () => {
            throw new Error('nobody asked for the text');
          },
        },
      },
    },
  },
  cases: [
    {
      promise: 'one of two provided fields, under an alias, in fragments',
      query: `
        { a: page { id title: name } b: page { ... on Page { name } } c: page { ...N } }
        fragment N on Page { name }`,
      data: { a: { id: 'p1', title: 'One' }, b: { name: 'One' }, c: { name: 'One' } },
      calls: ['index'],
    },
    {
      promise: 'one provided field, and one of the owner beside it',
      query: '{ pages { ... { name } ... { more } } }',
      data: {
        pages: [
          { name: 'One', more: 'm1' },
          { name: 'Two', more: 'm2' },
        ],
      },
      calls: ['index', 'owner'],
    },
    {
      promise: 'a provided field that a condition leaves out is left out',
      query:
        '{ page { id ... on Page @skip(if: true) { text } ... @include(if: false) { text } } }',
      data: { page: { id: 'p1' } },
      calls: ['index'],
    },
  ],
};

/** Each subgraph finds everything and says the id of its own objects only. */
const nodes: Graph = {
  name: 'a shared node whose id is external in either subgraph',
  subgraphs: {
    people: {
      typeDefs: `
        type Query { node(id: ID!): Node @shareable person(id: ID!): Person }
        interface Node { id: ID! }
        type Person implements Node @key(fields: "id") { id: ID! name: String! }
        type Talk implements Node @key(fields: "id") { id: ID! @external speaker: Person! }`,
      resolvers: {
        Query: {
          node: (_: unknown, { id }: { id: string }) =>
            id.startsWith('p')
              ? { __typename: 'Person', id, name: `name of ${id}` }
              : { __typename: 'Talk', id: 'never' },
          person: (_: unknown, { id }: { id: string }) => ({ id, name: `name of ${id}` }),
        },
        Person: {
          __resolveReference: ({ id }: { id: string }) => ({ id, name: `name of ${id}` }),
        },
        Talk: { speaker: () => ({ id: 'p1', name: 'name of p1' }) },
      },
    },
    talks: {
      typeDefs: `
        type Query { node(id: ID!): Node @shareable talk(id: ID!): Talk }
        interface Node { id: ID! }
        type Person implements Node @key(fields: "id") { id: ID! @external talks: [Talk!]! }
        type Talk implements Node @key(fields: "id") { id: ID! topic: String! }`,
      resolvers: {
        Query: {
          node: (_: unknown, { id }: { id: string }) =>
            id.startsWith('t')
              ? { __typename: 'Talk', id, topic: `topic of ${id}` }
              : { __typename: 'Person', id: 'never' },
          talk: (_: unknown, { id }: { id: string }) => ({ id, topic: `topic of ${id}` }),
        },
        Person: { talks: () => [{ id: 't1', topic: 'topic of t1' }] },
        Talk: {
          __resolveReference: ({ id }: { id: string }) => ({ id, topic: `topic of ${id}` }),
        },
      },
    },
  },
  cases: [
    {
      promise: 'the names of the types come from either',
      query: '{ a: node(id: "p1") { __typename } b: node(id: "t1") { __typename } }',
      data: { a: { __typename: 'Person' }, b: { __typename: 'Talk' } },
    },
    {
      promise: 'what one subgraph can say of its own objects comes from that one',
      query:
        '{ a: node(id: "p1") { ... on Person { id name } } b: node(id: "t1") { ... on Talk { id topic } } }',
      data: { a: { id: 'p1', name: 'name of p1' }, b: { id: 't1', topic: 'topic of t1' } },
    },
    {
      promise: 'a fragment on the other type leaves the object empty',
      query:
        '{ a: node(id: "p1") { ... on Talk { id } } b: node(id: "t1") { ... on Person { id } } }',
      data: { a: {}, b: {} },
    },
    {
      promise: 'from the objects of one to the objects of the other and their ids',
      query:
        '{ talk(id: "t1") { id speaker { id talks { id topic } } } person(id: "p2") { talks { id } } }',
      data: {
        talk: { id: 't1', speaker: { id: 'p1', talks: [{ id: 't1', topic: 'topic of t1' }] } },
        person: { talks: [{ id: 't1' }] },
      },
    },
  ],
};

/** Directives of clients that all subgraphs know are part of the graph. */
const executable: Graph = {
  name: 'directives of clients',
  subgraphs: Object.fromEntries(
    ['one', 'two'].map((name) => [
      name,
      {
        typeDefs: `
          directive @trace(level: Level = LOW, tags: [String!]) on FIELD | QUERY | INLINE_FRAGMENT
          enum Level { LOW HIGH }
          type Query { ${name}: Item }
          type Item @key(fields: "id") { id: ID! ${name}Name: String }`,
        resolvers: {
          Query: { [name]: () => ({ id: name }) },
          Item: { [`${name}Name`]: ({ id }: { id: string }) => `${name} of ${id}` },
        },
      },
    ]),
  ),
  cases: [
    {
      promise: 'on fields of several subgraphs and of entities, with and without arguments',
      query:
        'query ($l: Level) @trace { one @trace { oneName twoName @trace(level: $l) } two { ... @trace(tags: ["a"]) { oneName } } }',
      variables: { l: 'HIGH' },
      data: {
        one: { oneName: 'one of one', twoName: 'two of one' },
        two: { oneName: 'one of two' },
      },
    },
    {
      promise: 'one that nobody knows is refused',
      query: '{ one @other { oneName } }',
      errors: [{ code: 'GRAPHQL_VALIDATION_FAILED' }],
    },
  ],
};

export const partialKnowledge: readonly Graph[] = [halls, stubs, providing, nodes, executable];
