import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';

const staff = [
  {
    id: '1',
    secret: 's1',
    name: 'Ann',
    level: 'PUBLIC',
    salary: 10,
    pet: { __typename: 'Cat', name: 'Tom' },
  },
  {
    id: '2',
    secret: 's2',
    name: 'Bob',
    level: 'HIDDEN',
    salary: 20,
    pet: { __typename: 'Rat', name: 'Roy' },
  },
];

const hidden: Graph = {
  name: '@inaccessible',
  subgraphs: {
    staff: {
      typeDefs: `
        type Query {
          staff(limit: Int, internal: Boolean = false @inaccessible): [Person!]!
          find(by: Filter): Person
          audit: Audit @inaccessible
          pets: [Pet]
          named: [Named]
          levels: [Level]
        }
        type Person @key(fields: "id") @key(fields: "secret") {
          id: ID! secret: ID! @inaccessible name: String level: Level salary: Int @inaccessible pet: Pet
          strict: Level! companion: Pet!
        }
        enum Level { PUBLIC HIDDEN @inaccessible }
        input Filter { name: String level: Level secret: ID @inaccessible limit: Int = 7 }
        type Audit @inaccessible { at: String }
        union Pet = Cat | Rat
        interface Named { name: String }
        type Cat implements Named { name: String }
        type Rat implements Named @inaccessible { name: String }`,
      resolvers: {
        Query: {
          staff: (_: unknown, { limit = 9, internal }: { limit?: number; internal?: boolean }) =>
            internal ? [] : staff.slice(0, limit),
          find: (_: unknown, { by }: { by: { name?: string } }) => lookUp(staff, 'name')(by),
          pets: () => staff.map(({ pet }) => pet),
          named: () => staff.map(({ pet }) => pet),
          levels: () => ['PUBLIC', 'HIDDEN', null],
        },
        Person: {
          __resolveReference: lookUp(staff, 'id', 'secret'),
          strict: ({ level }: { level: string }) => level,
          companion: ({ pet }: { pet: object }) => pet,
        },
      },
    },
    payroll: {
      typeDefs: `
        type Query { paid: [Person!]! }
        type Person @key(fields: "secret") {
          secret: ID!
          salary: Int @external
          bonus: Int @requires(fields: "salary")
          account: String
        }`,
      resolvers: {
        Query: { paid: () => staff.map(({ secret }) => ({ secret })) },
        Person: {
          bonus: ({ salary }: { salary: number }) => salary * 2,
          account: ({ secret }: { secret: string }) => `account of ${secret.length}`,
        },
      },
    },
  },
  cases: [
    {
      promise: 'a hidden field cannot be asked for',
      query: '{ staff { salary } }',
      errors: [{ code: 'GRAPHQL_VALIDATION_FAILED' }],
      calls: [],
    },
    {
      promise: 'a hidden root field and its type cannot be asked for',
      query: '{ audit { at } }',
      errors: [{ code: 'GRAPHQL_VALIDATION_FAILED' }],
      calls: [],
    },
    {
      promise: 'a hidden argument cannot be given',
      query: '{ staff(internal: true) { name } }',
      errors: [{ code: 'GRAPHQL_VALIDATION_FAILED' }],
      calls: [],
    },
    {
      promise: 'a hidden field of an input cannot be given in the document',
      query: '{ find(by: { secret: "s1" }) { name } }',
      errors: [{ code: 'GRAPHQL_VALIDATION_FAILED' }],
      calls: [],
    },
    {
      promise: 'a hidden enum value cannot be given in the document',
      query: '{ find(by: { level: HIDDEN }) { name } }',
      errors: [{ code: 'GRAPHQL_VALIDATION_FAILED' }],
      calls: [],
    },
    {
      promise: 'a hidden field of an input cannot be given in a variable',
      query: 'query ($by: Filter) { find(by: $by) { name } }',
      variables: { by: { secret: 's1' } },
      errors: [{ code: 'BAD_USER_INPUT' }],
      calls: [],
    },
    {
      promise: 'a hidden enum value cannot be given in a variable',
      query: 'query ($level: Level) { find(by: { level: $level }) { name } }',
      variables: { level: 'HIDDEN' },
      errors: [{ code: 'BAD_USER_INPUT' }],
      calls: [],
    },
    {
      promise: 'a hidden type cannot stand in a fragment',
      query: '{ pets { ... on Rat { name } } }',
      errors: [{ code: 'GRAPHQL_VALIDATION_FAILED' }],
      calls: [],
    },
    {
      promise: 'what is visible beside what is hidden works, with its defaults',
      query: '{ staff(limit: 1) { id name } find(by: { name: "Bob" }) { id } }',
      data: { staff: [{ id: '1', name: 'Ann' }], find: { id: '2' } },
    },
    {
      promise: 'a hidden key joins subgraphs all the same',
      query: '{ staff { account } }',
      data: { staff: [{ account: 'account of 2' }, { account: 'account of 2' }] },
      calls: ['payroll', 'staff'],
    },
    {
      promise: 'a hidden key joins them in the other direction',
      query: '{ paid { name } }',
      data: { paid: [{ name: 'Ann' }, { name: 'Bob' }] },
    },
    {
      promise: 'a hidden field can be required by a visible one',
      query: '{ staff { bonus } paid { bonus } }',
      data: {
        staff: [{ bonus: 20 }, { bonus: 40 }],
        paid: [{ bonus: 20 }, { bonus: 40 }],
      },
    },
    {
      promise: 'a hidden enum value in an answer is null and an error',
      query: '{ staff { name level } levels }',
      data: {
        staff: [
          { name: 'Ann', level: 'PUBLIC' },
          { name: 'Bob', level: null },
        ],
        levels: ['PUBLIC', null, null],
      },
      errors: [{ path: ['staff', 1, 'level'] }, { path: ['levels', 1] }],
    },
    {
      promise: 'where null is not allowed it goes on to the next field that may be null',
      query: '{ find(by: { name: "Bob" }) { name strict } }',
      data: { find: null },
      errors: [{ path: ['find', 'strict'] }],
    },
    {
      promise: 'an object of a hidden type in a union is null, and nothing tells of it',
      query: '{ pets { __typename ... on Cat { name } } }',
      data: { pets: [{ __typename: 'Cat', name: 'Tom' }, null] },
    },
    {
      promise: 'an object of a hidden type in an interface is null, and nothing tells of it',
      query: '{ named { name } }',
      data: { named: [{ name: 'Tom' }, null] },
    },
    {
      promise: 'an object of a hidden type where null is not allowed is an error',
      query: '{ find(by: { name: "Bob" }) { name companion { __typename } } }',
      data: { find: null },
      errors: [{ path: ['find', 'companion'], code: 'SUBGRAPH_INVALID_RESPONSE' }],
    },
    {
      promise: 'introspection shows nothing that is hidden',
      query: `{
        person: __type(name: "Person") { fields { name } }
        query: __type(name: "Query") { fields { name args { name } } }
        level: __type(name: "Level") { enumValues { name } }
        filter: __type(name: "Filter") { inputFields { name } }
        pet: __type(name: "Pet") { possibleTypes { name } }
        named: __type(name: "Named") { possibleTypes { name } }
        audit: __type(name: "Audit") { name }
        rat: __type(name: "Rat") { name }
      }`,
      data: {
        person: {
          fields: [
            { name: 'bonus' },
            { name: 'account' },
            { name: 'id' },
            { name: 'name' },
            { name: 'level' },
            { name: 'pet' },
            { name: 'strict' },
            { name: 'companion' },
          ],
        },
        query: {
          fields: [
            { name: 'paid', args: [] },
            { name: 'staff', args: [{ name: 'limit' }] },
            { name: 'find', args: [{ name: 'by' }] },
            { name: 'pets', args: [] },
            { name: 'named', args: [] },
            { name: 'levels', args: [] },
          ],
        },
        level: { enumValues: [{ name: 'PUBLIC' }] },
        filter: { inputFields: [{ name: 'name' }, { name: 'level' }, { name: 'limit' }] },
        pet: { possibleTypes: [{ name: 'Cat' }] },
        named: { possibleTypes: [{ name: 'Cat' }] },
        audit: null,
        rat: null,
      },
      calls: [],
    },
    {
      promise: 'no suggestion in an error tells of what is hidden',
      query: '{ staff { salery } }',
      errors: [{ message: 'Cannot query field "salery" on type "Person".' }],
      calls: [],
    },
  ],
};

export const inaccessible: readonly Graph[] = [hidden];
