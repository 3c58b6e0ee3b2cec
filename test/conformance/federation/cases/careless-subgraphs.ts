import type { Graph, SubgraphRequest } from '../federation-case.ts';

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

export const carelessSubgraphs: readonly Graph[] = [careless];
