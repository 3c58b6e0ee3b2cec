import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { CodedError } from '#contract/errors.ts';
import { createOperationCache, type OperationCache } from '#gateway/operation/operation-cache.ts';
import type { Planner } from '#gateway/plan/planner.ts';
import { defineConfig } from '#gateway/settings.ts';
import { loadSupergraph, type Supergraph } from '#gateway/supergraph/supergraph.ts';

const { limits } = defineConfig({ plugins: [] }).settings;

/** Prepares an operation and plans it, for somebody who may run all of it. */
async function plan(cache: OperationCache, source: string) {
  const operation = await cache.get(source, undefined, null);
  await operation.variantFor({}).shapeFor(null);
  return operation;
}

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
    Array.from({ length: 100 }, () => plan(cache, '{ posts { title } }')),
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
  for (const name of ['title', 'id', 'slug', 'title']) await plan(few, `{ posts { ${name} } }`);
  t.equal(state.plans, 4, 'the first of three was no longer there');

  const short = createOperationCache(state.supergraph, {
    limits,
    maxDocuments: 100,
    maxTextLength: 30,
  });
  state.plans = 0;
  for (const name of ['title', 'id', 'title']) await plan(short, `{ posts { ${name} } }`);
  t.equal(state.plans, 3);
});

t.test('introspection alone is not planned', async (t) => {
  const state = await counted();
  const cache = createOperationCache(state.supergraph, {
    limits,
    maxDocuments: 10,
    maxTextLength: 10_000,
  });
  await plan(cache, '{ __schema { types { name } } }');
  await plan(cache, '{ __typename }');
  t.equal(state.plans, 0);
});

/** A cache whose planner first asks somebody else. */
async function cacheWith(t: Test, before: (document: string) => Promise<void>) {
  const supergraph = await loadSupergraph(readFileSync('supergraph.graphql', 'utf8'));
  t.teardown(() => supergraph.close());
  const plan: Planner['plan'] = async (...operation) => {
    await before(operation[0]);
    return supergraph.planner.plan(...operation);
  };
  return createOperationCache(
    { ...supergraph, planner: { ...supergraph.planner, plan } },
    { limits, maxDocuments: 10, maxTextLength: 10_000 },
  );
}

t.test('operations that wait for their planner keep no other one from being planned', async (t) => {
  const { promise: busy, resolve: free } = Promise.withResolvers<void>();
  const cache = await cacheWith(t, async (document) => {
    if (document.includes('slow')) await busy;
  });
  const waiting = Array.from({ length: 5 }, (_, index) =>
    plan(cache, `{ posts { slow${index}: title } }`),
  );
  t.ok(await cache.get('{ posts { title } }', undefined, null));
  free();
  t.equal((await Promise.all(waiting)).length, 5);
});

t.test('what cannot be planned in parts is answered in one piece', async (t) => {
  let answer: 'OVERLOADED' | 'OPERATION_TOO_EXPENSIVE' | null = 'OVERLOADED';
  let asked = 0;
  const cache = await cacheWith(t, async (document) => {
    if (!document.includes('@defer')) return;
    asked += 1;
    if (answer !== null) throw new CodedError(answer);
  });
  const kindOf = async (field: string) => {
    const source = `{ posts { id ... @defer { ${field} } } }`;
    const operation = await cache.get(source, undefined, null);
    return (await operation.variantFor({}, true).shapeFor(null)).kind;
  };
  t.equal(await kindOf('title'), 'whole', 'while there is too much to do');
  answer = null;
  t.equal(await kindOf('title'), 'deferred', 'and in parts afterwards');
  answer = 'OPERATION_TOO_EXPENSIVE';
  t.equal(await kindOf('slug'), 'whole');
  answer = null;
  t.equal(await kindOf('slug'), 'whole', 'what failed is not tried again');
  t.equal(asked, 3);
});
