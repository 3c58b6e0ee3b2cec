import t from 'tap';
import type { SubgraphRequest } from './federation-case.ts';
import { startGraph } from './start-graph.ts';

const HUGE = '12345678901234567890';
/** One more than what JavaScript's numbers count by ones. */
const ODD = '9007199254740993';

// Answers and requests are compared as texts: JSON.parse would make the same of right and wrong digits.
t.test('the digits of a custom scalar arrive as the subgraph wrote them', async (t) => {
  const running = await startGraph({
    subgraphs: {
      one: {
        typeDefs: `
          scalar Long
          scalar JSON
          type Query { counter: Counter rows: [Counter] id: ID float: Float int: Int json: JSON }
          type Counter @key(fields: "at") { at: Long! total: Long }`,
        respond: () =>
          `{"data":{"counter":{"__typename":"Counter","at":${ODD},"total":-${HUGE}},"rows":[
            {"__typename":"Counter","at":${ODD},"total":1},{"__typename":"Counter","at":9007199254740992,"total":2}],
            "id":${HUGE},"float":${HUGE},"int":${HUGE},"json":{"deep":[${ODD},"${ODD}",0.1]}}}`,
      },
      two: {
        typeDefs: `
          scalar Long
          type Counter @key(fields: "at") {
            at: Long! total: Long @external name: String doubled: Long @requires(fields: "total")
          }`,
        respond: ({ query, variables }: SubgraphRequest) => {
          const representations = Object.values(variables ?? {})[0] as readonly unknown[];
          const entities = representations.map(() => `{"name":"n","doubled":${HUGE}}`);
          return `{"data":{"${/(_e\d+):/.exec(query)?.[1] ?? '_entities'}":[${entities.join(',')}]}}`;
        },
      },
    },
  });
  t.teardown(() => running.close());
  for (const [planner, ask] of running.gateways) {
    await t.test(planner, async (t) => {
      t.equal(
        await ask({ query: '{ counter { at total } id float json }' }),
        `{"data":{"counter":{"at":${ODD},"total":-${HUGE}},"id":"${HUGE}","float":${HUGE},"json":{"deep":[${ODD},"${ODD}",0.1]}}}`,
      );
      t.match(JSON.parse(await ask({ query: '{ int }' })), {
        data: { int: null },
        errors: [{ path: ['int'], extensions: { code: 'SUBGRAPH_INVALID_RESPONSE' } }],
      });
      running.bodies.length = 0;
      t.equal(
        await ask({ query: '{ counter { doubled } }' }),
        `{"data":{"counter":{"doubled":${HUGE}}}}`,
      );
      t.match(running.bodies.at(-1), `"at":${ODD}`);
      t.match(running.bodies.at(-1), `"total":-${HUGE}`);
      running.bodies.length = 0;
      t.equal(
        await ask({ query: '{ rows { name } }' }),
        '{"data":{"rows":[{"name":"n"},{"name":"n"}]}}',
      );
      t.match(
        running.bodies.at(-1),
        `"at":${ODD}`,
        'keys that are one number in JavaScript are two',
      );
    });
  }
});
