import { Worker } from 'node:worker_threads';
import { parse } from 'graphql';
import t, { type Test } from 'tap';
import { createApolloPlanner, startApolloThread } from '#gateway/plan/apollo.ts';
import { createAutoPlanner } from '#gateway/plan/create-planner.ts';
import { readOverrides } from '#gateway/plan/overrides.ts';
import type { Planner } from '#gateway/plan/planner.ts';
import { compose } from '#test/support/compose.ts';

const supergraph = compose({
  one: 'type Query { a: Int b: Int } type T @key(fields: "id") { id: ID! }',
});
const overrides = readOverrides(parse(supergraph), []).draw();

const TIMEOUT_MS = 1_500;

/** Plans forever. */
const endless = (): Worker =>
  new Worker(
    "const { parentPort } = require('node:worker_threads'); parentPort.on('message', () => { for (;;); }); parentPort.postMessage({ kind: 'ready' });",
    { eval: true },
  );

/** A gateway's planner whose first one refuses everything, and the threads of its second one. */
function refusing(t: Test, isEndless: (thread: number) => boolean) {
  const threads: Worker[] = [];
  const started = Promise.withResolvers<void>();
  const hive: Planner = {
    defers: false,
    plan: () => Promise.reject(new Error('cannot plan it')),
    close: async () => {},
  };
  const apollo = createApolloPlanner(supergraph, {
    planTimeoutMs: 60_000,
    maxWaitingPlans: 10,
    startThread(sdl) {
      const thread = isEndless(threads.length) ? endless() : startApolloThread(sdl);
      threads.push(thread);
      started.resolve();
      return thread;
    },
  });
  const planner = createAutoPlanner(hive, async () => apollo, TIMEOUT_MS);
  t.teardown(() => planner.close());
  return {
    threads,
    /** When the first operation has reached the second planner. */
    started: started.promise,
    plan: (document: string) => planner.plan(document, undefined, overrides),
  };
}

t.test('what was refused by one is planned by the other', async (t) => {
  const { plan } = refusing(t, () => false);
  t.match(await plan('{ a }'), { document: '{a}' });
});

t.test('what took too long is not tried again', async (t) => {
  const { threads, plan } = refusing(t, (thread) => thread === 0);
  const tooExpensive = {
    code: 'OPERATION_TOO_EXPENSIVE',
    message: 'The operation could not be planned within 1500 ms',
  };
  await t.rejects(plan('{ a }'), tooExpensive);
  await t.rejects(plan('{ a }'), tooExpensive);
  t.equal(threads.length, 1, 'nothing was started for it');
  t.match(await plan('{ b }'), { document: '{b}' });
});

t.test('what both refuse is not tried again', async (t) => {
  const { threads, plan } = refusing(t, () => false);
  await t.rejects(plan('{ c }'), { message: /Cannot query field "c"/ });
  await threads[0]?.terminate();
  await t.rejects(plan('{ c }'), { message: /Cannot query field "c"/ });
  t.equal(threads.length, 1);
});

t.test('one at a time, so that an operation with @defer waits for one at most', async (t) => {
  const { plan, started } = refusing(t, (thread) => thread === 0);
  const order: string[] = [];
  const first = t.rejects(plan('{ a }'), { code: 'OPERATION_TOO_EXPENSIVE' });
  await started;
  const second = plan('{ b }').then(() => order.push('second'));
  const deferred = plan('{ ... @defer { b } a }').then((planned) => {
    order.push('deferred');
    return planned;
  });
  await first;
  t.match(await deferred, { kind: 'defer' });
  await second;
  t.same(order, ['deferred', 'second']);
});

t.test('those that wait are bounded', async (t) => {
  const { plan, started } = refusing(t, (thread) => thread === 0);
  const first = t.rejects(plan('{ a }'), { code: 'OPERATION_TOO_EXPENSIVE' });
  await started;
  const waiting = Array.from({ length: 20 }, (_, n) => plan(`{ a${n}: b }`));
  await t.rejects(plan('{ c: b }'), { code: 'OVERLOADED', statusCode: 503 });
  await first;
  await Promise.all(waiting);
  t.match(
    await plan('{ c: b }'),
    { document: '{c:b}' },
    'too much to do is no mark of an operation',
  );
});
