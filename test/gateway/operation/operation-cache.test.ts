import { readFileSync } from 'node:fs';
import t from 'tap';
import { createOperationCache } from '#gateway/operation/operation-cache.ts';
import { defineConfig } from '#gateway/settings.ts';
import { loadSupergraph, type Supergraph } from '#gateway/supergraph/supergraph.ts';

const { limits } = defineConfig({ plugins: [] }).settings;

/** The project's supergraph, with its planner's calls counted. */
async function counted(): Promise<{ readonly supergraph: Supergraph; plans: number }> {
  const loaded = await loadSupergraph(readFileSync('supergraph.graphql', 'utf8'));
  const state: { readonly supergraph: Supergraph; plans: number } = {
    plans: 0,
    supergraph: {
      ...loaded,
      planner: {
        ...loaded.planner,
        plan: (document, name, overrides) => {
          state.plans += 1;
          return loaded.planner.plan(document, name, overrides);
        },
      },
    },
  };
  return state;
}

t.test('concurrent first requests of one operation plan it once', async (t) => {
  const state = await counted();
  const cache = createOperationCache(state.supergraph, {
    limits,
    maxDocuments: 10,
    maxTextLength: 10_000,
  });
  const operations = await Promise.all(
    Array.from({ length: 100 }, () => cache.get('{ posts { title } }', undefined, null)),
  );
  t.equal(new Set(operations).size, 1);
  t.equal(state.plans, 1);
  t.equal(
    cache.get('{ posts { title } }', undefined, null),
    operations[0],
    'and then without waiting',
  );
});

t.test('a failure is not kept', async (t) => {
  const state = await counted();
  const cache = createOperationCache(state.supergraph, {
    limits,
    maxDocuments: 10,
    maxTextLength: 10_000,
  });
  let refusals = 0;
  const refuse = async (): Promise<void> => {
    refusals += 1;
    throw new TypeError('not now');
  };
  await t.rejects(Promise.resolve(cache.get('{ posts { title } }', undefined, refuse)));
  await t.rejects(Promise.resolve(cache.get('{ posts { title } }', undefined, refuse)));
  t.equal(refusals, 2);
  t.ok(await cache.get('{ posts { title } }', undefined, null));
});

t.test('the cache holds no more documents, and no more text, than it may', async (t) => {
  const state = await counted();
  const few = createOperationCache(state.supergraph, {
    limits,
    maxDocuments: 2,
    maxTextLength: 10_000,
  });
  for (const name of ['title', 'id', 'slug', 'title'])
    await few.get(`{ posts { ${name} } }`, undefined, null);
  t.equal(state.plans, 4, 'the first of three was no longer there');

  const short = createOperationCache(state.supergraph, {
    limits,
    maxDocuments: 100,
    maxTextLength: 30,
  });
  state.plans = 0;
  for (const name of ['title', 'id', 'title'])
    await short.get(`{ posts { ${name} } }`, undefined, null);
  t.equal(state.plans, 3);
});

t.test('introspection alone is not planned', async (t) => {
  const state = await counted();
  const cache = createOperationCache(state.supergraph, {
    limits,
    maxDocuments: 10,
    maxTextLength: 10_000,
  });
  await cache.get('{ __schema { types { name } } }', undefined, null);
  await cache.get('{ __typename }', undefined, null);
  t.equal(state.plans, 0);
});
