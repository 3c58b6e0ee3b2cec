import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { createGateway } from '#gateway/app.ts';
import { readConfig } from '#gateway/config.ts';
import { readOverrides } from '#gateway/plan/overrides.ts';
import type { PlanningOptions } from '#gateway/plan/planning-options.ts';
import { defineConfig } from '#gateway/settings.ts';
import { loadSupergraph } from '#gateway/supergraph/supergraph.ts';
import { federated, startSubgraph } from '#test/support/subgraph-server.ts';

const fields = { half: () => 'before', named: () => 'before', kept: () => 'before' };
const before = {
  typeDefs: 'type Query { half: String named: String kept: String }',
  resolvers: { Query: fields },
};
const after = {
  typeDefs: `type Query {
    half: String @override(from: "before", label: "percent(50)")
    named: String @override(from: "before", label: "beta")
  }`,
  resolvers: { Query: { half: () => 'after', named: () => 'after' } },
};

/** A gateway that draws what `random` says, and counts what is planned. */
async function start(t: Test, planning: Partial<PlanningOptions>) {
  const state = { random: 0, plans: 0 };
  const servers = await Promise.all(
    Object.entries({ before, after }).map(async ([name, fixture]) => {
      const { app, url } = await startSubgraph(name, fixture, []);
      t.teardown(() => app.close());
      return { name, url, typeDefs: parse(federated(fixture.typeDefs)) };
    }),
  );
  const sdl = composeServices(servers).supergraphSdl ?? '';
  const loaded = await loadSupergraph(sdl, undefined, planning);
  t.teardown(() => loaded.close());
  const overrides = readOverrides(parse(sdl), planning.overrideLabels ?? [], () => state.random);
  const app = await createGateway({
    config: readConfig({
      flags: { open: true, port: '0' },
      env: {},
      castellan: defineConfig({ plugins: [] }),
    }),
    supergraph: {
      ...loaded,
      overrides,
      planner: {
        ...loaded.planner,
        plan(...request) {
          state.plans += 1;
          return loaded.planner.plan(...request);
        },
      },
    },
    logger: pino({ level: 'silent' }),
  });
  t.teardown(() => app.close());
  const ask = async (query: string): Promise<unknown> => {
    const response = await app.inject({ method: 'POST', url: '/graphql', payload: { query } });
    return response.json().data;
  };
  return { state, ask };
}

for (const planner of ['hive', 'apollo'] as const) {
  t.test(
    `each request draws its percentages anew, and each outcome is planned once (${planner})`,
    async (t) => {
      const { state, ask } = await start(t, { planner });
      for (const [random, half] of [
        [0.2, 'after'],
        [0.7, 'before'],
        [0.49, 'after'],
        [0.99, 'before'],
      ] as const) {
        state.random = random;
        t.same(await ask('{ half kept }'), { half, kept: 'before' }, `at ${random}`);
      }
      t.equal(state.plans, 2);
    },
  );

  t.test(`concurrent requests with one outcome plan it once (${planner})`, async (t) => {
    const { state, ask } = await start(t, { planner });
    await ask('{ half }');
    state.random = 0.9;
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('{ half }')));
    t.same(new Set(answers.map((each) => JSON.stringify(each))), new Set(['{"half":"before"}']));
    t.equal(state.plans, 2);
  });

  t.test(`a named label is in force where the setting names it (${planner})`, async (t) => {
    t.same(await (await start(t, { planner })).ask('{ named }'), { named: 'before' });
    const withLabel = await start(t, { planner, overrideLabels: ['beta'] });
    t.same(await withLabel.ask('{ named }'), { named: 'after' });
  });
}
