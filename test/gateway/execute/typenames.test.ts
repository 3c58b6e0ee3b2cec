import t from 'tap';
import { startOpenGateway } from '#test/support/open-gateway.ts';

const gateway = await startOpenGateway({
  zoo: {
    typeDefs: `
      type Query { keepers: [Keeper!]! animals: [Animal!]! beasts: [Beast!]! stars: [Star!]! }
      type Keeper @key(fields: "id") { id: ID! favourite: Animal! house: House! }
      type House @key(fields: "street { name } number") { street: Street! number: Int! }
      type Street @shareable { name: String! }
      interface Animal { id: ID! keeper: Keeper! home: Place }
      type Lion implements Animal @key(fields: "id") { id: ID! keeper: Keeper! home: Den }
      type Seal implements Animal @key(fields: "id") { id: ID! keeper: Keeper! home: Pool }
      union Beast = Lion | Seal
      union Star = Lion | Keeper
      interface Place { name: String }
      type Den implements Place { name: String }
      type Pool implements Place @key(fields: "name") { name: String }`,
    resolvers: {
      Query: {
        keepers: () => [keeper('k1'), keeper('k2')],
        animals: () => [lion, seal],
        beasts: () => [seal, lion],
        stars: () => [lion, { ...keeper('k2'), __typename: 'Keeper' }],
      },
    },
  },
  wages: {
    typeDefs: `
      type Keeper @key(fields: "id") { id: ID! wage: Int }
      type House @key(fields: "street { name } number") {
        street: Street! @external number: Int! rent: String
      }
      type Street @shareable { name: String! }
      type Lion @key(fields: "id") { id: ID! roar: String }
      type Seal @key(fields: "id") { id: ID! roar: String }
      type Pool @key(fields: "name") { name: String depth: Int }`,
    resolvers: {
      Keeper: { wage: ({ id }: { id: string }) => (id === 'k1' ? 10 : 20) },
      House: {
        rent: ({ street, number }: { street: { name: string }; number: number }) =>
          `${street.name} ${number}`,
      },
      Lion: { roar: ({ id }: { id: string }) => `lion ${id}` },
      Seal: { roar: ({ id }: { id: string }) => `seal ${id}` },
      Pool: { depth: () => 4 },
    },
  },
});
t.teardown(() => gateway.close());

function keeper(id: string) {
  const house = { street: { name: 'Elm' }, number: id === 'k1' ? 1 : 2 };
  return { id, favourite: id === 'k1' ? lion : seal, house };
}
const lion = {
  __typename: 'Lion',
  id: 'a1',
  keeper: { id: 'k1' },
  home: { __typename: 'Den', name: 'rock' },
};
const seal = {
  __typename: 'Seal',
  id: 'a2',
  keeper: { id: 'k2' },
  home: { __typename: 'Pool', name: 'pool' },
};

/** The data, what the first call asks, and the representations of the last one. */
async function ask(query: string) {
  gateway.calls.length = 0;
  const { data } = await gateway.ask(query);
  const [first] = gateway.calls;
  const last = gateway.calls.at(-1);
  return {
    data,
    asked: first?.query ?? '',
    sent: Object.values(last?.variables ?? {}).flat(),
  };
}

t.test('an object is not asked for its type where it can have but one', async (t) => {
  const { data, asked, sent } = await ask('{ keepers { __typename wage house { rent } } }');
  t.same(data, {
    keepers: [
      { __typename: 'Keeper', wage: 10, house: { rent: 'Elm 1' } },
      { __typename: 'Keeper', wage: 20, house: { rent: 'Elm 2' } },
    ],
  });
  t.notMatch(asked, '__typename');
  t.same(
    new Set(sent.map((each) => JSON.stringify(each))),
    new Set([
      '{"__typename":"Keeper","id":"k1"}',
      '{"__typename":"Keeper","id":"k2"}',
      '{"__typename":"House","street":{"name":"Elm"},"number":1}',
      '{"__typename":"House","street":{"name":"Elm"},"number":2}',
    ]),
    'subgraphs are told it nevertheless',
  );
});

t.test('where there are several types it is asked for, and below them no more', async (t) => {
  const { data, asked } = await ask(
    '{ animals { keeper { wage } } beasts { ... on Lion { roar } } }',
  );
  t.same(data, {
    animals: [{ keeper: { wage: 10 } }, { keeper: { wage: 20 } }],
    beasts: [{}, { roar: 'lion a1' }],
  });
  t.match(asked, 'animals{__typename keeper{id}}');
  t.match(asked, 'beasts{__typename');
});

t.test('where objects of different types stand under one key they are told apart', async (t) => {
  const { data } = await ask(`{
    animals {
      ... on Lion { roar home { __typename name } }
      ... on Seal { roar home { __typename depth } }
    }
  }`);
  t.same(data, {
    animals: [
      { roar: 'lion a1', home: { __typename: 'Den', name: 'rock' } },
      { roar: 'seal a2', home: { __typename: 'Pool', depth: 4 } },
    ],
  });
});

t.test('they are told apart too where they came under other keys', async (t) => {
  const { data } = await ask(`{
    stars {
      ... on Keeper { it: favourite { ... on Seal { roar } } }
      ... on Lion { it: keeper { wage } }
    }
  }`);
  t.same(data, { stars: [{ it: { wage: 10 } }, { it: { roar: 'seal a2' } }] });
});

t.test(
  'entities of the types that an operation asks about are asked for, and no others',
  async (t) => {
    const { data, sent } = await ask(`{
    animals { ... on Lion { keeper { wage } } ... on Seal { keeper { id } } }
  }`);
    t.same(data, { animals: [{ keeper: { wage: 10 } }, { keeper: { id: 'k2' } }] });
    t.same(sent, [{ __typename: 'Keeper', id: 'k1' }]);
  },
);

t.test('an operation that asks for types alone is asked for them', async (t) => {
  const { data } = await ask('{ keepers { __typename } animals { __typename } }');
  t.same(data, {
    keepers: [{ __typename: 'Keeper' }, { __typename: 'Keeper' }],
    animals: [{ __typename: 'Lion' }, { __typename: 'Seal' }],
  });
});
