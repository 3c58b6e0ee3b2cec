import { GraphQLError } from 'graphql';
import type { Graph, SubgraphRequest } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';
import { aliasesBesideKeys } from '../oracle-faults.ts';

const users = [
  { id: '1', name: 'Ann', bestId: '2' },
  { id: '2', name: 'Bob', bestId: '3' },
  { id: '3', name: 'Cid', bestId: '9' },
];

interface Entity {
  readonly id: string;
}
const fail = (message: string, code?: string) => () => {
  throw new GraphQLError(message, code === undefined ? {} : { extensions: { code } });
};

/** User 3 has no profile, user 2 has a broken one. */
const people: Graph = {
  name: 'nulls and errors of entities',
  subgraphs: {
    users: {
      typeDefs: `
        type Query { users: [User!]! maybe: [User] user(id: ID!): User must(id: ID!): User! teams: [Team] }
        type Team { lead: User! members: [User!] grid: [[User!]] }
        type User @key(fields: "id") { id: ID! name: String best: User rank: Int }`,
      resolvers: {
        Query: {
          users: () => users,
          maybe: () => [users[2], null, users[0]],
          user: (_: unknown, args: { id: string }) => lookUp(users, 'id')(args),
          must: (_: unknown, args: { id: string }) => lookUp(users, 'id')(args),
          teams: () => [
            {
              lead: users[0],
              members: [users[0], users[1]],
              grid: [[users[0]], [users[1], users[0]], []],
            },
            { lead: users[1], members: null, grid: null },
          ],
        },
        User: {
          __resolveReference: lookUp(users, 'id'),
          best: ({ bestId }: { bestId: string }) => ({ id: bestId }),
          name: (user: { id: string; name?: string }) =>
            user.name ?? lookUp(users, 'id')({ id: user.id })?.name ?? null,
          rank: ({ id }: Entity) => Number(id) * 10,
        },
      },
    },
    profiles: {
      typeDefs: `
        type User @key(fields: "id") @key(fields: "profileId") {
          id: ID! profileId: ID! bio: String photo: Photo strict: String! tags: [String!] must: Photo!
        }
        type Photo { url: String! size: Int }
        type Query { profiles: Int! risky: String }`,
      resolvers: {
        Query: { profiles: fail('no number', 'NO_NUMBER'), risky: fail('too risky') },
        User: {
          __resolveReference: ({ id, profileId }: { id?: string; profileId?: string }) => {
            const own = id ?? profileId?.slice(1);
            return own === '3' || own === '9' ? null : { id: own, profileId: `p${own}` };
          },
          bio: ({ id }: Entity) => (id === '2' ? fail('bio is broken', 'BIO')() : `bio ${id}`),
          photo: ({ id }: Entity) => ({ url: id === '2' ? null : `http://${id}`, size: 1 }),
          strict: ({ id }: Entity) => (id === '2' ? fail('strict is broken')() : `strict ${id}`),
          tags: ({ id }: Entity) => (id === '2' ? ['a', null] : ['b']),
          must: ({ id }: Entity) => ({ url: () => (id === '2' ? fail('no url')() : 'u'), size: 2 }),
        },
      },
    },
    badges: {
      typeDefs: `
        type User @key(fields: "profileId") { profileId: ID! badge: String bio: String @external motto: String @requires(fields: "bio") }`,
      resolvers: {
        User: {
          badge: ({ profileId }: { profileId: string }) => `badge ${profileId}`,
          motto: ({ bio }: { bio: string | null }) => `motto of ${bio}`,
        },
      },
    },
  },
  cases: [
    {
      promise: 'an entity that the next subgraph does not know has nulls there, and no error',
      query: '{ users { name photo { size } tags } }',
      data: {
        users: [
          { name: 'Ann', photo: { size: 1 }, tags: ['b'] },
          { name: 'Bob', photo: { size: 1 }, tags: null },
          { name: 'Cid', photo: null, tags: null },
        ],
      },
      errors: [{ path: ['users', 1, 'tags', 1] }],
    },
    {
      promise: 'an entity call that answers null midway ends the way there',
      query: '{ user(id: "3") { name badge } }',
      data: { user: { name: 'Cid', badge: null } },
      calls: ['profiles', 'users'],
    },
    {
      promise: 'the others go on',
      query: '{ users { badge } }',
      data: { users: [{ badge: 'badge p1' }, { badge: 'badge p2' }, { badge: null }] },
      calls: ['badges', 'profiles', 'users'],
    },
    {
      promise: 'null entities in a list are skipped and their neighbours keep their place',
      query: '{ maybe { name badge } }',
      data: { maybe: [{ name: 'Cid', badge: null }, null, { name: 'Ann', badge: 'badge p1' }] },
    },
    {
      promise: 'an error of an entity keeps message and code and has the path of the client',
      query: '{ users { b: bio } }',
      data: { users: [{ b: 'bio 1' }, { b: null }, { b: null }] },
      errors: [{ path: ['users', 1, 'b'], message: 'bio is broken', code: 'BIO' }],
    },
    {
      promise: 'an error has the path of every place where its entity stands',
      query: '{ u: user(id: "2") { b: bio } users { best { bio } } }',
      data: {
        u: { b: null },
        users: [{ best: { bio: null } }, { best: { bio: null } }, { best: { bio: null } }],
      },
      errors: [
        { path: ['u', 'b'], message: 'bio is broken' },
        { path: ['users', 0, 'best', 'bio'], message: 'bio is broken' },
      ],
    },
    {
      promise: 'an error deep inside a list of lists has its indices',
      query: '{ teams { g: grid { bio } } }',
      data: {
        teams: [{ g: [[{ bio: 'bio 1' }], [{ bio: null }, { bio: 'bio 1' }], []] }, { g: null }],
      },
      errors: [{ path: ['teams', 0, 'g', 1, 0, 'bio'], message: 'bio is broken' }],
    },
    {
      promise: 'an error below an object of an entity has its whole path',
      query: '{ user(id: "2") { m: must { size u: url } } }',
      data: { user: null },
      errors: [{ path: ['user', 'm', 'u'], message: 'no url' }],
    },
    {
      promise: 'a broken field that may not be null takes its parent with it, and is told once',
      query: '{ user(id: "2") { name strict } other: user(id: "1") { strict } }',
      data: { user: null, other: { strict: 'strict 1' } },
      errors: [{ path: ['user', 'strict'], message: 'strict is broken' }],
    },
    {
      promise: 'a field that may not be null of an entity that is not known is an error',
      query: '{ user(id: "3") { name strict } }',
      data: { user: null },
      errors: [{ path: ['user', 'strict'] }],
    },
    {
      promise: 'null goes up through lists whose items may not be null',
      query: '{ teams { members { strict } lead { name } } }',
      data: {
        teams: [
          { members: null, lead: { name: 'Ann' } },
          { members: null, lead: { name: 'Bob' } },
        ],
      },
      errors: [{ path: ['teams', 0, 'members', 1, 'strict'] }],
    },
    {
      promise: 'null goes up to an item of a list that may be null',
      query: '{ teams { lead { strict } } maybe { strict } }',
      data: {
        teams: [{ lead: { strict: 'strict 1' } }, null],
        maybe: [null, null, { strict: 'strict 1' }],
      },
      errors: [{ path: ['teams', 1, 'lead', 'strict'] }, { path: ['maybe', 0, 'strict'] }],
    },
    {
      promise: 'null goes up to the whole answer',
      query: '{ users { id strict } }',
      data: null,
      errors: [{ path: ['users', 1, 'strict'], message: 'strict is broken' }],
    },
    {
      promise: 'an error in an object that may be null stays there',
      query: '{ user(id: "2") { photo { size url } name } }',
      data: { user: { photo: null, name: 'Bob' } },
      errors: [{ path: ['user', 'photo', 'url'] }],
    },
    {
      promise: 'a root field that fails leaves the others alone',
      query: '{ risky user(id: "1") { name } r2: risky }',
      data: { risky: null, user: { name: 'Ann' }, r2: null },
      errors: [
        { path: ['risky'], message: 'too risky' },
        { path: ['r2'], message: 'too risky' },
      ],
    },
    {
      promise: 'a root field that may not be null takes the whole answer with it',
      query: '{ n: profiles user(id: "1") { name } }',
      data: null,
      errors: [{ path: ['n'], message: 'no number', code: 'NO_NUMBER' }],
    },
    {
      promise: 'a required field that is broken is sent as null, and told where it was asked for',
      query: '{ user(id: "2") { bio motto } }',
      data: { user: { bio: null, motto: 'motto of null' } },
      errors: [{ path: ['user', 'bio'], message: 'bio is broken' }],
    },
    {
      promise: 'errors of several subgraphs are told together',
      query: '{ risky users { bio } }',
      data: { risky: null, users: [{ bio: 'bio 1' }, { bio: null }, { bio: null }] },
      errors: [
        { path: ['risky'], message: 'too risky' },
        { path: ['users', 1, 'bio'], message: 'bio is broken' },
      ],
    },
    {
      promise: 'one broken field under two aliases is told under both',
      query: '{ user(id: "2") { a: bio b: bio } }',
      data: { user: { a: null, b: null } },
      errors: [
        { path: ['user', 'a'], message: 'bio is broken' },
        { path: ['user', 'b'], message: 'bio is broken' },
      ],
    },
    {
      promise: 'an alias that is the name of a key stands in the path of its error',
      query: '{ users { id: bio } }',
      data: { users: [{ id: 'bio 1' }, { id: null }, { id: null }] },
      errors: [{ path: ['users', 1, 'id'], message: 'bio is broken' }],
      oracle: aliasesBesideKeys,
    },
  ],
};

/** Answers of subgraphs that no GraphQL server should give, but some do. */
const careless: Graph = {
  name: 'careless subgraphs',
  subgraphs: {
    good: {
      typeDefs: `
        type Query { things: [Thing!] thing: Thing }
        type Thing @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: {
          things: () => [{ id: '1' }, { id: '2' }, { id: '3' }],
          thing: () => ({ id: '1' }),
        },
      },
    },
    careless: {
      typeDefs: `
        type Query {
          undefinedField: String notAList: [Int] notAnObject: Part wrongName: Choice number: Int float: Float
          flag: Boolean text: String id: ID nan: [Int!]
        }
        union Choice = Part
        type Part { x: Int }
        type Thing @key(fields: "id") { id: ID! short: Int long: Int pathless: Int unknownPath: Int texts: Int whole: Int }`,
      respond: carelessly,
    },
  },
  cases: [
    {
      promise: 'a field that is left out is null',
      query: '{ undefinedField }',
      data: { undefinedField: null },
    },
    {
      promise: 'what is no list, or no object, is null and an error where it stands',
      query: '{ notAList o: notAnObject { x } }',
      data: { notAList: null, o: null },
      errors: [{ path: ['notAList'] }, { path: ['o'] }],
      oracle: 'It answers with empty values of the expected shape.',
    },
    {
      promise: 'an object of a type that does not belong is null and an error',
      query: '{ wrongName { __typename ... on Part { x } } }',
      data: { wrongName: null },
      errors: [{ path: ['wrongName'] }],
    },
    {
      promise: 'a leaf of another type than its own is null and an error',
      query: '{ number float flag text }',
      data: { number: null, float: null, flag: null, text: null },
      errors: [{ path: ['number'] }, { path: ['float'] }, { path: ['flag'] }, { path: ['text'] }],
    },
    {
      promise: 'fewer entities than were asked for could be anyone, so none is taken',
      query: '{ things { id short } }',
      data: {
        things: [
          { id: '1', short: null },
          { id: '2', short: null },
          { id: '3', short: null },
        ],
      },
      errors: [
        { path: ['things', 0, 'short'], code: 'SUBGRAPH_INVALID_RESPONSE' },
        { path: ['things', 1, 'short'], code: 'SUBGRAPH_INVALID_RESPONSE' },
        { path: ['things', 2, 'short'], code: 'SUBGRAPH_INVALID_RESPONSE' },
      ],
    },
    {
      promise: 'more entities than were asked for could be anyone, so none is taken',
      query: '{ thing { long } }',
      data: { thing: { long: null } },
      errors: [{ path: ['thing', 'long'], code: 'SUBGRAPH_INVALID_RESPONSE' }],
    },
    {
      promise: 'an error without a path is told without one',
      query: '{ thing { pathless } }',
      data: { thing: { pathless: 5 } },
      errors: [{ message: 'somewhere', code: 'LOST' }],
    },
    {
      promise: 'an error with a path that leads nowhere is told all the same',
      query: '{ thing { unknownPath } }',
      data: { thing: { unknownPath: 5 } },
      errors: [{ message: 'elsewhere' }],
    },
    {
      promise: 'list indices that are written as text are indices',
      query: '{ things { t: texts } }',
      data: { things: [{ t: 5 }, { t: null }, { t: 5 }] },
      errors: [{ message: 'in text', path: ['things', 1, 't'] }],
    },
    {
      promise: 'a whole call that failed is told at every field that it was to bring',
      query: '{ things { id w: whole } }',
      data: {
        things: [
          { id: '1', w: null },
          { id: '2', w: null },
          { id: '3', w: null },
        ],
      },
      errors: [
        { message: 'all of it', path: ['things', 0, 'w'] },
        { message: 'all of it', path: ['things', 1, 'w'] },
        { message: 'all of it', path: ['things', 2, 'w'] },
      ],
    },
  ],
};

function carelessly({ query, variables }: SubgraphRequest): string {
  const asks = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(query);
  const keyOf = (name: string): string =>
    new RegExp(`(\\w+): ?${name}\\b`).exec(query)?.[1] ?? name;
  const representations = Object.values(variables ?? {})[0];
  const count = Array.isArray(representations) ? representations.length : 0;
  const entities = (name: string, size: number, value = (index: number): unknown => index) =>
    Array.from({ length: size }, (_, index) => ({
      __typename: 'Thing',
      [keyOf(name)]: value(index),
    }));
  const five = (name: string) => entities(name, count, () => 5);

  if (asks('short')) return answer({ _entities: entities('short', 1, () => 7) });
  if (asks('long')) return answer({ _entities: entities('long', count + 2) });
  if (asks('pathless')) {
    return answer({ _entities: five('pathless') }, [
      { message: 'somewhere', extensions: { code: 'LOST' } },
    ]);
  }
  if (asks('unknownPath')) {
    return answer({ _entities: five('unknownPath') }, [
      { message: 'elsewhere', path: ['_entities', 99, 'unknownPath'] },
    ]);
  }
  if (asks('texts')) {
    return answer({ _entities: entities('texts', count, (index) => (index === 1 ? null : 5)) }, [
      { message: 'in text', path: ['_entities', '1', keyOf('texts')] },
    ]);
  }
  if (asks('whole')) return answer(null, [{ message: 'all of it' }]);
  return answer({
    notAList: 5,
    [keyOf('notAnObject')]: 'text',
    wrongName: { __typename: 'Stranger', x: 1 },
    number: 'seven',
    float: true,
    flag: 'yes',
    text: { a: 1 },
  });
}

function answer(data: unknown, errors?: readonly unknown[]): string {
  return JSON.stringify({ data, ...(errors !== undefined && { errors }) });
}

export const nullsAndErrors: readonly Graph[] = [people, careless];
