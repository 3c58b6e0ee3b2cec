import t from 'tap';
import { startOpenGateway } from '#test/support/open-gateway.ts';

/** Two shops that number alike, one part that has no number, and every part twice. */
const parts = [
  ...['north', 'south'].flatMap((shop) =>
    ['1', '2', '3', '4', '5', '6', '7'].map((number) => ({ shop, number })),
  ),
  { shop: 'north', number: null },
];
const listed = [...parts, ...parts.map((part) => ({ ...part }))];

interface Part {
  readonly shop: string;
  readonly number: string | null;
}

const gateway = await startOpenGateway({
  catalog: {
    typeDefs: `
      type Query { parts: [Part!]! }
      type Part @key(fields: "shop number") { shop: String! number: String }`,
    resolvers: { Query: { parts: () => listed } },
  },
  labels: {
    typeDefs: `type Part @key(fields: "shop number") { shop: String! number: String label: String }`,
    resolvers: {
      Part: {
        __resolveReference: (part: Part) => part,
        label: ({ shop, number }: Part) => `${shop} ${number ?? 'without'}`,
      },
    },
  },
});
t.teardown(() => gateway.close());

t.test('entities that agree in a part of their key only are different ones', async (t) => {
  const answer = await gateway.ask('{ parts { label } }');
  t.same(answer, {
    data: {
      parts: listed.map(({ shop, number }) => ({ label: `${shop} ${number ?? 'without'}` })),
    },
  });
});

t.test('each one is asked for once, however many share the first part of their key', async (t) => {
  gateway.calls.length = 0;
  await gateway.ask('{ parts { label } }');
  const [call] = gateway.calls.filter(({ subgraph }) => subgraph === 'labels');
  const representations = Object.values(call?.variables ?? {})[0];
  t.same(
    representations,
    parts.map((part) => ({ __typename: 'Part', ...part })),
  );
});
