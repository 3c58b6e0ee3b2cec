import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';

const plants = [
  { id: '1', name: 'Fern', height: 40 },
  { id: '2', name: 'Moss', height: 2 },
];
const link = (imports: string, more = '') =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${imports}]) ${more}\n`;

const tagged: Graph = {
  name: '@tag and directives that nobody here knows',
  subgraphs: {
    plants: {
      header: link(
        '"@key", "@tag", "@composeDirective", "@cost", "@listSize"',
        `
        @link(url: "https://example.com/garden/v1.0", import: ["@garden"]) @composeDirective(name: "@garden")`,
      ),
      typeDefs: `
        directive @garden(zone: Int, notes: [String!]) on FIELD_DEFINITION | OBJECT | ENUM_VALUE | ARGUMENT_DEFINITION | SCALAR | INTERFACE
        directive @local(of: String) repeatable on FIELD_DEFINITION | OBJECT | INPUT_FIELD_DEFINITION
        type Query @tag(name: "root") {
          plants(first: Int @garden(zone: 1) @tag(name: "argument")): [Plant!]! @tag(name: "a") @tag(name: "b") @cost(weight: 5) @listSize(assumedSize: 10)
          light: Light
        }
        type Plant @key(fields: "id") @garden(zone: 3, notes: ["x", "y"]) @local(of: "a") @local(of: "b") {
          id: ID! @tag(name: "key") name: String @garden @local
        }
        enum Light @tag(name: "enum") { SUN @tag(name: "value") SHADE @garden(zone: 2) }`,
      resolvers: {
        Query: { plants: () => plants, light: () => 'SHADE' },
        Plant: { __resolveReference: lookUp(plants, 'id') },
      },
    },
    measures: {
      header: link('"@key", "@tag", { name: "@shareable", as: "@common" }'),
      typeDefs: `
        type Plant @key(fields: "id") @tag(name: "measured") { id: ID! height: Int @tag(name: "size") unit: String @common }
        type Query { tallest: Plant @tag(name: "best") }`,
      resolvers: {
        Query: { tallest: () => plants[0] },
        Plant: { __resolveReference: lookUp(plants, 'id'), unit: () => 'cm' },
      },
    },
    namespaced: {
      header: 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3")\n',
      typeDefs: `
        type Plant @federation__key(fields: "id") {
          id: ID! height: Int @federation__external unit: String @federation__shareable
          sign: String @federation__requires(fields: "height")
        }`,
      resolvers: {
        Plant: {
          sign: ({ height }: { height: number }) => (height > 10 ? 'tall' : 'small'),
          unit: () => 'cm',
        },
      },
    },
  },
  cases: [
    {
      promise: 'what carries tags, costs and other directives is answered as without',
      query: '{ plants(first: 2) { name height unit } light }',
      data: {
        plants: [
          { name: 'Fern', height: 40, unit: 'cm' },
          { name: 'Moss', height: 2, unit: 'cm' },
        ],
        light: 'SHADE',
      },
    },
    {
      promise: 'directives of federation under other names do what they do',
      query: '{ tallest { name unit height } }',
      data: { tallest: { name: 'Fern', unit: 'cm', height: 40 } },
    },
    {
      promise: 'directives of federation in a namespace of their own do what they do',
      query: '{ plants { sign } tallest { sign } }',
      data: { plants: [{ sign: 'tall' }, { sign: 'small' }], tallest: { sign: 'tall' } },
    },
    {
      promise: 'none of them is in the schema that clients see',
      query: '{ __schema { directives { name } types { name } } }',
      oracle: '@defer is not among its directives, since it does not defer',
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
          types: [
            { name: 'Light' },
            { name: 'Plant' },
            { name: 'ID' },
            { name: 'Int' },
            { name: 'String' },
            { name: 'Query' },
            { name: 'Boolean' },
            { name: '__Schema' },
            { name: '__Type' },
            { name: '__TypeKind' },
            { name: '__Field' },
            { name: '__InputValue' },
            { name: '__EnumValue' },
            { name: '__Directive' },
            { name: '__DirectiveLocation' },
          ],
        },
      },
    },
    {
      promise: 'a directive that the schema does not have is refused in an operation',
      query: '{ plants { name @garden } }',
      errors: [{ code: 'GRAPHQL_VALIDATION_FAILED' }],
      calls: [],
    },
  ],
};

const executable: Graph = {
  name: 'composed directives of operations',
  subgraphs: {
    paints: {
      header: link(
        '"@key", "@composeDirective"',
        `@link(url: "https://example.com/shade/v1.0", import: ["@shade"]) @composeDirective(name: "@shade")`,
      ),
      typeDefs: `
        directive @shade(tone: Tone!) on FIELD
        enum Tone { LIGHT DARK }
        type Query { paints: [Paint!]! }
        type Paint @key(fields: "id") { id: ID! colour: String }`,
      resolvers: { Query: { paints: () => [{ id: '1', colour: 'red' }] } },
    },
    prices: {
      header: link(
        '"@key", "@composeDirective"',
        `@link(url: "https://example.com/shade/v1.0", import: ["@shade"]) @composeDirective(name: "@shade")`,
      ),
      typeDefs: `
        directive @shade(tone: Tone! = LIGHT) on FIELD
        enum Tone { LIGHT DARK }
        type Query { budget: Int }
        type Paint @key(fields: "id") { id: ID! price: Int }`,
      resolvers: {
        Query: { budget: () => 40 },
        Paint: { __resolveReference: ({ id }: { id: string }) => ({ id, price: 7 }) },
      },
    },
  },
  cases: [
    {
      promise: 'a composed directive of operations can be used, its default left to the supergraph',
      oracle: 'Composed directives are no part of its schema.',
      query: '{ paints @shade { colour @shade price @shade(tone: DARK) } budget @shade }',
      data: { paints: [{ colour: 'red', price: 7 }], budget: 40 },
      calls: ['paints', 'prices', 'prices'],
    },
    {
      promise: 'its arguments may be variables',
      oracle: 'Composed directives are no part of its schema.',
      query:
        'query ($tone: Tone!) { paints { colour @shade(tone: $tone) } budget @shade(tone: $tone) }',
      variables: { tone: 'DARK' },
      data: { paints: [{ colour: 'red' }], budget: 40 },
    },
    {
      promise: 'its arguments are checked',
      query: '{ budget @shade(tone: BRIGHT) }',
      errors: [{ code: 'GRAPHQL_VALIDATION_FAILED' }],
      calls: [],
    },
  ],
};

export const directives: readonly Graph[] = [tagged, executable];
