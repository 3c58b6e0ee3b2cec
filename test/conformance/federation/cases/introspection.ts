import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';

const shows = [
  { __typename: 'Film', id: '1', title: 'Alien' },
  { __typename: 'Play', id: '2', title: 'Hamlet' },
];

const described: Graph = {
  name: 'introspection and __typename',
  subgraphs: {
    shows: {
      typeDefs: `
        schema { query: RootQuery mutation: RootMutation }
        type RootQuery { shows(kind: Kind = FILM, first: Int): [Show!]! show: Show thing: Thing }
        type RootMutation { touch: Show }
        "What can be seen."
        interface Show { "Its key." id: ID! title: String }
        type Film implements Show @key(fields: "id") { id: ID! title: String }
        type Play implements Show @key(fields: "id") { id: ID! title: String old: String @deprecated(reason: "gone") }
        union Thing = Film | Play
        enum Kind { FILM PLAY @deprecated }
        scalar Moment @specifiedBy(url: "https://example.com/moment")`,
      resolvers: {
        RootQuery: { shows: () => shows, show: () => shows[0], thing: () => shows[1] },
        RootMutation: { touch: () => shows[1] },
        Film: { __resolveReference: lookUp(shows, 'id') },
        Play: { __resolveReference: lookUp(shows, 'id') },
      },
    },
    stars: {
      typeDefs: `
        type Film @key(fields: "id") { id: ID! stars(since: Moment): Int }
        type Play @key(fields: "id") { id: ID! stars: Int }
        scalar Moment @specifiedBy(url: "https://example.com/moment")
        type Query { best: Film }`,
      resolvers: {
        Query: { best: () => shows[0] },
        Film: { __resolveReference: lookUp(shows, 'id'), stars: () => 5 },
        Play: { __resolveReference: lookUp(shows, 'id'), stars: () => 4 },
      },
    },
  },
  cases: [
    {
      promise: '__typename at the root needs nobody',
      query: '{ __typename t: __typename ... { u: __typename } ... on Query { v: __typename } }',
      data: { __typename: 'Query', t: 'Query', u: 'Query', v: 'Query' },
      calls: [],
    },
    {
      promise: '__typename at every place, under any alias and more than once',
      query: `{
        __typename
        shows { __typename k: __typename ... on Film { film: __typename stars __typename } ... on Play { stars } }
        show { t: __typename } thing { __typename } best { __typename title b: __typename }
      }`,
      data: {
        __typename: 'Query',
        shows: [
          { __typename: 'Film', k: 'Film', film: 'Film', stars: 5 },
          { __typename: 'Play', k: 'Play', stars: 4 },
        ],
        show: { t: 'Film' },
        thing: { __typename: 'Play' },
        best: { __typename: 'Film', title: 'Alien', b: 'Film' },
      },
    },
    {
      promise: '__typename is not answered when it was not asked for',
      query: '{ shows { title ... on Film { stars } } }',
      data: { shows: [{ title: 'Alien', stars: 5 }, { title: 'Hamlet' }] },
    },
    {
      promise: 'the type may stand under the name of a key',
      query: '{ best { id: __typename title } shows { id: __typename stars: title } }',
      data: {
        best: { id: 'Film', title: 'Alien' },
        shows: [
          { id: 'Film', stars: 'Alien' },
          { id: 'Play', stars: 'Hamlet' },
        ],
      },
    },
    {
      promise: 'root types have their own names whatever subgraphs call them',
      query: '{ __schema { queryType { name } mutationType { name } subscriptionType { name } } }',
      data: {
        __schema: {
          queryType: { name: 'Query' },
          mutationType: { name: 'Mutation' },
          subscriptionType: null,
        },
      },
      calls: [],
    },
    {
      promise: 'a mutation on a root type of another name',
      query: 'mutation { __typename touch { title ... on Play { stars __typename } } }',
      data: { __typename: 'Mutation', touch: { title: 'Hamlet', stars: 4, __typename: 'Play' } },
    },
    {
      promise: 'a type shows fields, arguments, defaults, descriptions and what is deprecated',
      query: `query ($name: String!, $all: Boolean = true) {
        show: __type(name: "Show") { kind description fields { name description } possibleTypes { name } }
        play: __type(name: $name) { fields(includeDeprecated: $all) { name isDeprecated deprecationReason } interfaces { name } }
        query: __type(name: "Query") { fields { name args { name defaultValue type { name kind ofType { name } } } } }
        kind: __type(name: "Kind") { enumValues { name } all: enumValues(includeDeprecated: true) { name } }
        moment: __type(name: "Moment") { kind specifiedByURL }
        none: __type(name: "Nothing") { name }
      }`,
      variables: { name: 'Play' },
      data: {
        show: {
          kind: 'INTERFACE',
          description: 'What can be seen.',
          fields: [
            { name: 'id', description: 'Its key.' },
            { name: 'title', description: null },
          ],
          possibleTypes: [{ name: 'Film' }, { name: 'Play' }],
        },
        play: {
          fields: [
            { name: 'id', isDeprecated: false, deprecationReason: null },
            { name: 'title', isDeprecated: false, deprecationReason: null },
            { name: 'old', isDeprecated: true, deprecationReason: 'gone' },
            { name: 'stars', isDeprecated: false, deprecationReason: null },
          ],
          interfaces: [{ name: 'Show' }],
        },
        query: {
          fields: [
            {
              name: 'shows',
              args: [
                {
                  name: 'kind',
                  defaultValue: 'FILM',
                  type: { name: 'Kind', kind: 'ENUM', ofType: null },
                },
                {
                  name: 'first',
                  defaultValue: null,
                  type: { name: 'Int', kind: 'SCALAR', ofType: null },
                },
              ],
            },
            { name: 'show', args: [] },
            { name: 'thing', args: [] },
            { name: 'best', args: [] },
          ],
        },
        kind: { enumValues: [{ name: 'FILM' }], all: [{ name: 'FILM' }, { name: 'PLAY' }] },
        moment: { kind: 'SCALAR', specifiedByURL: 'https://example.com/moment' },
        none: null,
      },
      calls: [],
    },
    {
      promise: 'nothing of federation is a type, a field or a directive that clients see',
      oracle: '@defer is not among its directives, since it does not defer',
      query: `{
        __schema { directives { name } }
        a: __type(name: "_Any") { name } b: __type(name: "_Entity") { name } c: __type(name: "_Service") { name }
        d: __type(name: "join__Graph") { name } e: __type(name: "link__Import") { name } f: __type(name: "join__FieldSet") { name }
      }`,
      data: {
        __schema: {
          directives: [
            { name: 'defer' },
            { name: 'include' },
            { name: 'skip' },
            { name: 'deprecated' },
            { name: 'specifiedBy' },
            { name: 'oneOf' },
          ],
        },
        a: null,
        b: null,
        c: null,
        d: null,
        e: null,
        f: null,
      },
    },
    {
      promise: 'introspection beside data, in fragments and under conditions',
      query: `query ($yes: Boolean!) {
        best { title }
        ...S @include(if: $yes)
        t: __type(name: "Film") @skip(if: $yes) { name }
        ... @include(if: $yes) { f: __type(name: "Film") { name fields @skip(if: $yes) { name } } }
      }
      fragment S on Query { __schema { queryType { ...N } } }
      fragment N on __Type { n: name __typename }`,
      variables: { yes: true },
      data: {
        best: { title: 'Alien' },
        __schema: { queryType: { n: 'Query', __typename: '__Type' } },
        f: { name: 'Film' },
      },
      calls: ['shows', 'stars'],
      oracle: 'Its planner does not take introspection out of fragments under a condition.',
    },
    {
      promise: 'the fields of federation cannot be asked for',
      query: '{ _service { sdl } }',
      errors: [{ code: 'GRAPHQL_VALIDATION_FAILED' }],
      calls: [],
    },
    {
      promise: 'entities cannot be asked for directly',
      query: '{ _entities(representations: [{ __typename: "Film", id: "1" }]) { __typename } }',
      errors: [{ code: 'GRAPHQL_VALIDATION_FAILED' }],
      calls: [],
    },
  ],
};

export const introspection: readonly Graph[] = [described];
