import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { parse } from 'graphql';
import t, { type Test } from 'tap';
import {
  type ApolloPlanner,
  type ApolloPlannerOptions,
  createApolloPlanner,
  startApolloThread,
} from '#gateway/plan/apollo.ts';
import { readOverrides } from '#gateway/plan/overrides.ts';
import { compose } from '#test/support/compose.ts';
import { endlessThread } from './support/endless-thread.ts';

const supergraph = compose({
  one: 'type Query { a: Int b: Int } type T @key(fields: "id") { id: ID! }',
});
const overrides = readOverrides(parse(supergraph), []).draw();

/** Dies of the first operation. */
const mortal = (): Worker =>
  new Worker(
    "const { parentPort } = require('node:worker_threads'); parentPort.on('message', () => process.exit(3)); parentPort.postMessage({ kind: 'ready' });",
    { eval: true },
  );

/** A planner that starts these threads first, then real ones; all that were started are kept. */
function plannerWith(
  t: Test,
  first: readonly (() => Worker)[],
  options: Partial<ApolloPlannerOptions> = {},
): { readonly planner: ApolloPlanner; readonly threads: Worker[] } {
  const threads: Worker[] = [];
  const planner = createApolloPlanner(supergraph, {
    planTimeoutMs: 60_000,
    maxWaitingPlans: 10,
    startThread(sdl) {
      const thread = (first[threads.length] ?? (() => startApolloThread(sdl)))();
      threads.push(thread);
      return thread;
    },
    ...options,
  });
  t.teardown(() => planner.close());
  return { planner, threads };
}

const isGone = (thread: Worker | undefined): boolean => thread?.threadId === -1;

t.test('the thread starts with the first operation and serves all of them', async (t) => {
  const { planner, threads } = plannerWith(t, []);
  t.equal(threads.length, 0);
  const plans = await Promise.all(
    ['{ a }', '{ b }', '{ a b }'].map((each) => planner.plan(each, undefined, overrides)),
  );
  t.match(plans, [{ document: '{a}' }, { document: '{b}' }, { document: '{a b}' }]);
  t.equal(threads.length, 1);
});

t.test("Apollo's planner is never loaded on the main thread", async (t) => {
  const { cache } = createRequire(import.meta.url);
  const isLoaded = (): boolean =>
    Object.keys(cache).some((file) => file.includes('@apollo/query-planner/'));
  const { planner } = plannerWith(t, []);
  t.match(await planner.plan('{ a }', undefined, overrides), { kind: 'fetch' });
  t.equal(isLoaded(), false);
  await import('@apollo/query-planner');
  t.equal(isLoaded(), true, 'where it would be seen');
});

t.test('a plan that takes too long fails alone, while everything else goes on', async (t) => {
  const { planner, threads } = plannerWith(t, [endlessThread], { planTimeoutMs: 20 });
  const slow = t.rejects(planner.plan('{ a }', undefined, overrides), {
    code: 'OPERATION_TOO_EXPENSIVE',
    statusCode: 400,
    message: 'The operation could not be planned within 20 ms',
  });
  await slow;
  t.ok(isGone(threads[0]), 'its thread is ended');
});

t.test('the next one gets a thread that works', async (t) => {
  for (const first of [endlessThread, mortal]) {
    const { planner, threads } = plannerWith(t, [first], { planTimeoutMs: 1_000 });
    const failing = planner.plan('{ a }', undefined, overrides);
    const waiting = planner.plan('{ b }', undefined, overrides);
    await t.rejects(failing, {
      code: first === endlessThread ? 'OPERATION_TOO_EXPENSIVE' : 'INTERNAL_SERVER_ERROR',
    });
    t.match(await waiting, { document: '{b}' });
    t.equal(threads.length, 2);
    t.ok(isGone(threads[0]));
  }
});

t.test('so many may wait, and one more is refused at once', async (t) => {
  const { planner } = plannerWith(t, [endlessThread], { planTimeoutMs: 500, maxWaitingPlans: 2 });
  const plan = (document: string) => planner.plan(document, undefined, overrides);
  const first = t.rejects(plan('{ a }'), { code: 'OPERATION_TOO_EXPENSIVE' });
  // Its turn comes with the next tick of promises.
  await Promise.resolve();
  await Promise.resolve();
  const waiting = [plan('{ a }'), plan('{ b }')];
  await t.rejects(plan('{ a b }'), { code: 'OVERLOADED' });
  await first;
  t.match(await Promise.all(waiting), [{ document: '{a}' }, { document: '{b}' }]);
  t.match(await plan('{ a b }'), { document: '{a b}' });
});

t.test('one operation may have less time than the others', async (t) => {
  const { planner } = plannerWith(t, [endlessThread]);
  await t.rejects(planner.plan('{ a }', undefined, overrides, 20), {
    code: 'OPERATION_TOO_EXPENSIVE',
    message: 'The operation could not be planned within 20 ms',
  });
});

t.test('a thread that dies while nobody asks is replaced', async (t) => {
  const { planner, threads } = plannerWith(t, []);
  await planner.plan('{ a }', undefined, overrides);
  await threads[0]?.terminate();
  t.match(await planner.plan('{ b }', undefined, overrides), { document: '{b}' });
  t.equal(threads.length, 2);
});

t.test(
  'an operation that the planner refuses cannot be planned, and the next one is',
  async (t) => {
    const { planner, threads } = plannerWith(t, []);
    await t.rejects(planner.plan('{ c }', undefined, overrides), {
      code: 'OPERATION_UNPLANNABLE',
      cause: { message: 'Cannot query field "c" on type "Query".' },
    });
    t.match(await planner.plan('{ a }', undefined, overrides), { document: '{a}' });
    t.equal(threads.length, 1, 'by the same thread');
  },
);

t.test("an operation beyond the planner's own bounds is too expensive", async (t) => {
  // Each fragment doubles the one before it.
  const fragments = Array.from(
    { length: 24 },
    (_, index) => `fragment f${index + 1} on Query { ...f${index} ... on Query { ...f${index} } } `,
  );
  const { planner } = plannerWith(t, []);
  await t.rejects(
    planner.plan(
      `{ ...f24 } ${fragments.join('')} fragment f0 on Query { a }`,
      undefined,
      overrides,
    ),
    { code: 'OPERATION_TOO_EXPENSIVE' },
  );
});

t.test('a supergraph that the planner refuses is known before any operation', async (t) => {
  const planner = createApolloPlanner('type Query { a: Int }', {
    planTimeoutMs: 60_000,
    maxWaitingPlans: 1,
  });
  t.teardown(() => planner.close());
  const why = { message: /is not a valid supergraph|not a valid|core schema/i };
  await t.rejects(planner.ready(), why);
  await t.rejects(planner.plan('{ a }', undefined, overrides), why);
});

t.test('closing ends the thread, and refuses what it was doing and what comes later', async (t) => {
  const { planner, threads } = plannerWith(t, [endlessThread]);
  await planner.ready();
  const pending = planner.plan('{ a }', undefined, overrides);
  const refused = t.rejects(pending, { code: 'SHUTTING_DOWN' });
  await planner.close();
  await refused;
  t.ok(isGone(threads[0]));
  await t.rejects(planner.plan('{ a }', undefined, overrides), { code: 'SHUTTING_DOWN' });
  t.equal(threads.length, 1);
});

t.test('an idle planner keeps no process alive', async (t) => {
  const script = `
    import { createApolloPlanner } from '#gateway/plan/apollo.ts';
    const planner = createApolloPlanner(process.env.SUPERGRAPH, { planTimeoutMs: 60000, maxWaitingPlans: 1 });
    const plan = await planner.plan('{ a }', undefined, { labels: new Set(), percentage: 0 });
    console.log(plan.document);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, SUPERGRAPH: supergraph },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill());
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const [code] = await once(child, 'exit');
  t.same({ code, said }, { code: 0, said: '{a}\n' });
});
