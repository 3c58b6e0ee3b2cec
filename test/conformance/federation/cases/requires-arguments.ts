import type { Graph } from '../federation-case.ts';
import { lookUp } from '../look-up.ts';
import { requiredArguments } from '../oracle-faults.ts';

const goods = [
  { id: 'g1', prices: { EUR: 10, USD: 12 } as Record<string, number> },
  { id: 'g2', prices: { EUR: 20, USD: 24 } as Record<string, number> },
];

const withArguments: Graph = {
  name: '@requires of fields with arguments',
  subgraphs: {
    goods: {
      typeDefs: `
        type Query { goods: [Good!]! }
        enum Currency { EUR USD }
        input Rate { currency: Currency! factor: Int = 1 }
        type Good @key(fields: "id") {
          id: ID! price(currency: Currency! = EUR, factor: Int): Int rated(by: [Rate!]): Int
        }`,
      resolvers: {
        Query: { goods: () => goods },
        Good: {
          __resolveReference: lookUp(goods, 'id'),
          price: ({ prices }: Good, { currency, factor = 1 }: Rate) =>
            (prices[currency] ?? 0) * factor,
          rated: ({ prices }: Good, { by }: { by: readonly Rate[] }) =>
            by.reduce((sum, { currency, factor = 1 }) => sum + (prices[currency] ?? 0) * factor, 0),
        },
      },
    },
    duties: {
      typeDefs: `
        enum Currency { EUR USD }
        input Rate { currency: Currency! factor: Int = 1 }
        type Good @key(fields: "id") {
          id: ID!
          price(currency: Currency! = EUR, factor: Int): Int @external
          rated(by: [Rate!]): Int @external
          duty: String @requires(fields: "price(currency: USD)")
          fee: String @requires(fields: "price(currency: EUR, factor: 3)")
          usual: String @requires(fields: "price")
          rating: String @requires(fields: "rated(by: [{ currency: USD, factor: 2 }, { currency: EUR }])")
        }`,
      resolvers: {
        Good: {
          duty: ({ price }: { price: number }) => `duty on ${price}`,
          fee: ({ price }: { price: number }) => `fee on ${price}`,
          usual: ({ price }: { price: number }) => `usual ${price}`,
          rating: ({ rated }: { rated: number }) => `rated ${rated}`,
        },
      },
    },
  },
  cases: [
    {
      promise: 'a required field is asked for with the arguments of the requirement',
      query: '{ goods { duty } }',
      data: { goods: [{ duty: 'duty on 12' }, { duty: 'duty on 24' }] },
    },
    {
      promise: 'the client may ask for the same field with other arguments',
      query: '{ goods { price duty } }',
      data: {
        goods: [
          { price: 10, duty: 'duty on 12' },
          { price: 20, duty: 'duty on 24' },
        ],
      },
      oracle: requiredArguments,
    },
    {
      promise: 'the client may ask for the same field with other arguments under its own aliases',
      query: 'query ($c: Currency!) { goods { a: price(currency: $c) b: price(factor: 2) duty } }',
      variables: { c: 'USD' },
      data: {
        goods: [
          { a: 12, b: 20, duty: 'duty on 12' },
          { a: 24, b: 40, duty: 'duty on 24' },
        ],
      },
    },
    {
      promise: 'two requirements of one field with conflicting arguments get one value each',
      query: '{ goods { duty fee } }',
      data: {
        goods: [
          { duty: 'duty on 12', fee: 'fee on 30' },
          { duty: 'duty on 24', fee: 'fee on 60' },
        ],
      },
      oracle: requiredArguments,
      knownFailure: { apollo: requiredArguments },
    },
    {
      promise: 'three requirements of one field, and the client asks for it too',
      query: '{ goods { duty fee usual price(currency: USD, factor: 10) } }',
      data: {
        goods: [
          { duty: 'duty on 12', fee: 'fee on 30', usual: 'usual 10', price: 120 },
          { duty: 'duty on 24', fee: 'fee on 60', usual: 'usual 20', price: 240 },
        ],
      },
      oracle: requiredArguments,
      knownFailure: { apollo: requiredArguments },
    },
    {
      promise: 'a requirement may have lists of input objects as arguments',
      query: '{ goods { rating } }',
      data: { goods: [{ rating: 'rated 34' }, { rating: 'rated 68' }] },
    },
    {
      promise: 'one requirement on several paths, with a conflict on one of them',
      query: '{ a: goods { price duty } b: goods { duty } c: goods { duty price(currency: USD) } }',
      data: {
        a: [
          { price: 10, duty: 'duty on 12' },
          { price: 20, duty: 'duty on 24' },
        ],
        b: [{ duty: 'duty on 12' }, { duty: 'duty on 24' }],
        c: [
          { duty: 'duty on 12', price: 12 },
          { duty: 'duty on 24', price: 24 },
        ],
      },
      oracle: requiredArguments,
    },
    {
      promise: 'several requirements on several paths, in several company',
      query: '{ a: goods { duty fee } b: goods { fee } c: goods { usual duty } d: goods { duty } }',
      data: {
        a: [
          { duty: 'duty on 12', fee: 'fee on 30' },
          { duty: 'duty on 24', fee: 'fee on 60' },
        ],
        b: [{ fee: 'fee on 30' }, { fee: 'fee on 60' }],
        c: [
          { usual: 'usual 10', duty: 'duty on 12' },
          { usual: 'usual 20', duty: 'duty on 24' },
        ],
        d: [{ duty: 'duty on 12' }, { duty: 'duty on 24' }],
      },
      knownFailure: {
        apollo: requiredArguments,
      },
      oracle: requiredArguments,
    },
    {
      promise: 'an alias that is the name of its own field is none',
      query: '{ a: goods { id: id p: price price: price usual: usual } b: goods { u: usual } }',
      data: {
        a: [
          { id: 'g1', p: 10, price: 10, usual: 'usual 10' },
          { id: 'g2', p: 20, price: 20, usual: 'usual 20' },
        ],
        b: [{ u: 'usual 10' }, { u: 'usual 20' }],
      },
    },
    {
      promise: 'one required field under two aliases is computed once for both',
      query: '{ goods { x: duty y: duty } }',
      data: {
        goods: [
          { x: 'duty on 12', y: 'duty on 12' },
          { x: 'duty on 24', y: 'duty on 24' },
        ],
      },
    },
  ],
};

interface Good {
  readonly prices: Record<string, number>;
}
interface Rate {
  readonly currency: string;
  readonly factor?: number;
}

export const requiresArguments: readonly Graph[] = [withArguments];
