import type { Worker } from 'node:worker_threads';
import { parse } from 'graphql';
import t, { type Test } from 'tap';
import { CodedError } from '#contract/errors.ts';
import {
  type ApolloPlanner,
  createApolloPlanner,
  startApolloThread,
} from '#gateway/plan/apollo.ts';
import { createAutoPlanner } from '#gateway/plan/create-planner.ts';
import { readOverrides } from '#gateway/plan/overrides.ts';
import type { Plan } from '#gateway/plan/plan.ts';
import type { Planner } from '#gateway/plan/planner.ts';
import { IncompletePlan } from '#gateway/plan/require-coverage.ts';
import { compose } from '#test/support/compose.ts';
import { endlessThread } from './support/endless-thread.ts';

const supergraph = compose({
  one: 'type Query { a: Int b: Int } type T @key(fields: "id") { id: ID! }',
});
const overrides = readOverrides(parse(supergraph), []).draw();

/** A gateway's planner whose first one refuses everything, and the threads of its second one. */
function refusing(t: Test, isEndless: (thread: number) => boolean, timeoutMs = 60_000) {
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
      const thread = isEndless(threads.length) ? endlessThread() : startApolloThread(sdl);
      threads.push(thread);
      started.resolve();
      return thread;
    },
  });
  const planner = createAutoPlanner(hive, async () => apollo, timeoutMs);
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
  const { threads, plan } = refusing(t, (thread) => thread === 0, 1_000);
  const tooExpensive = {
    code: 'OPERATION_TOO_EXPENSIVE',
    message: 'The operation could not be planned within 1000 ms',
  };
  await t.rejects(plan('{ a }'), tooExpensive);
  await t.rejects(plan('{ a }'), tooExpensive);
  t.equal(threads.length, 1, 'nothing was started for it');
  t.match(await plan('{ b }'), { document: '{b}' });
});

t.test('what both refuse is not tried again', async (t) => {
  const { threads, plan } = refusing(t, () => false);
  await t.rejects(plan('{ c }'), { cause: { message: /Cannot query field "c"/ } });
  await threads[0]?.terminate();
  await t.rejects(plan('{ c }'), { cause: { message: /Cannot query field "c"/ } });
  t.equal(threads.length, 1);
});

t.test('an operation in parts has no more time', async (t) => {
  const { plan } = refusing(t, () => true, 100);
  await t.rejects(plan('{ ... @defer { b } a }'), {
    code: 'OPERATION_TOO_EXPENSIVE',
    message: 'The operation could not be planned within 100 ms',
  });
});

t.test('one at a time, so that an operation with @defer waits for one at most', async (t) => {
  const { plan, started, threads } = refusing(t, (thread) => thread === 0);
  const order: string[] = [];
  const first = t.rejects(plan('{ a }'), { code: 'INTERNAL_SERVER_ERROR' });
  await started;
  const others = ['{ b }', '{ b a }'].map(async (document) => {
    t.match(await plan(document), { document: document.replace(' }', '}').replace('{ ', '{') });
    order.push('refused by the first');
  });
  const inParts = plan('{ ... @defer { b } a }').then((planned) => {
    t.match(planned, { kind: 'defer' });
    order.push('in parts');
  });
  await threads[0]?.terminate();
  await first;
  await inParts;
  await Promise.all(others);
  t.same(order, ['in parts', 'refused by the first', 'refused by the first']);
});

t.test('a few wait, and more are refused', async (t) => {
  const { plan, started, threads } = refusing(t, (thread) => thread === 0);
  const first = t.rejects(plan('{ a }'), { code: 'INTERNAL_SERVER_ERROR' });
  await started;
  const waiting = Array.from({ length: 20 }, (_, index) => plan(`{ f${index}: b }`));
  const inParts = Array.from({ length: 11 }, (_, index) =>
    plan(`{ ... @defer { f${index}: b } a }`),
  );
  const tooMany = { code: 'OVERLOADED', statusCode: 503 };
  await t.rejects(plan('{ b }'), tooMany);
  await t.rejects(plan('{ ... @defer { b } a }'), tooMany);
  await threads[0]?.terminate();
  await first;
  for (const plan of await Promise.all(waiting)) t.match(plan, { kind: 'fetch' });
  for (const plan of await Promise.all(inParts)) t.match(plan, { kind: 'defer' });
  t.match(await plan('{ b }'), { document: '{b}' }, 'too much to do is no mark of an operation');
});

t.test(
  'a plan that leaves out a field for one type is used where nobody makes a better one',
  async (t) => {
    const incomplete: Plan = { kind: 'parallel', nodes: [] };
    const hive: Planner = {
      defers: false,
      plan: () => Promise.reject(new IncompletePlan(incomplete, 'T.id')),
      close: async () => {},
    };
    const answers = [new CodedError('OVERLOADED'), new CodedError('OPERATION_UNPLANNABLE')];
    const apollo: ApolloPlanner = {
      defers: true,
      ready: async () => {},
      plan: () => Promise.reject(answers.shift()),
      close: async () => {},
    };
    const planner = createAutoPlanner(hive, async () => apollo, 1_000);
    await t.rejects(planner.plan('{ a }', undefined, overrides), { code: 'OVERLOADED' });
    t.equal(await planner.plan('{ a }', undefined, overrides), incomplete);
  },
);
