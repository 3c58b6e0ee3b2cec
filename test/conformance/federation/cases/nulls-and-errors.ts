import { GraphQLError } from 'graphql';
import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';
import { aliasesBesideKeys } from '../oracle-faults.ts';
import { unplanned } from '../planner-faults.ts';

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
      knownFailure: { hive: unplanned },
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

export const nullsAndErrors: readonly Graph[] = [people];
