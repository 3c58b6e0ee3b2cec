import t from 'tap';
import { type Caller, openCaller } from '#contract/caller.ts';
import { callerAsking } from '#gateway/asked-content.ts';
import { blog } from '#test/support/blog.ts';
import { startOpenGateway } from '#test/support/open-gateway.ts';
import { type CallOptions, type Connected, connect } from './support/connect.ts';
import { answer, type Behaviour, fine, startFaultySubgraph } from './support/faulty-subgraph.ts';

/** A subgraph whose answers wait until all `calls` have been made, so that they are under way together. */
async function together(
  t: Tap,
  calls: readonly CallOptions[],
  settings: Parameters<typeof connect>[2] = {},
): Promise<{
  readonly results: PromiseSettledResult<unknown>[];
  readonly sent: number;
  readonly shared: boolean[];
}> {
  const go = Promise.withResolvers<void>();
  const { url, received } = await startFaultySubgraph(t, (response, request) => {
    void go.promise.then(() => answer(fine)(response, request));
  });
  const client = connect(t, url, settings);
  const shared: boolean[] = [];
  client.hooks.add('onFetch', (_, outcome) => void shared.push(outcome.shared));
  const results = calls.map((call) => client.call(call));
  go.resolve();
  return { results: await Promise.allSettled(results), sent: received.length, shared };
}

type Tap = Parameters<typeof connect>[0];

const other: Caller = Object.freeze({ ...openCaller });

t.test('identical queries of one caller that are under way are one call', async (t) => {
  const { results, sent, shared } = await together(t, [{}, {}, {}]);
  t.equal(sent, 1);
  t.same(
    results.map((result) => result.status === 'fulfilled' && result.value),
    Array.from({ length: 3 }, () => ({ data: { me: { id: '1' } }, errors: [], status: 200 })),
  );
  t.same(shared.toSorted(), [false, true, true]);
});

t.test('what only names the exchange makes no difference', async (t) => {
  const { sent } = await together(t, [
    { requestId: 'c1b3ff0e-5f0b-4d46-a2b8-6c4b2a8c6f10' },
    { headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'x=1' } },
  ]);
  t.equal(sent, 1);
});

const differences: Readonly<Record<string, readonly [CallOptions, CallOptions]>> = {
  'callers, even if all that is known of them is the same': [{}, { caller: other }],
  variables: [{ body: '{"query":"q"}' }, { body: '{"query":"q","variables":{}}' }],
  'a header that one of them has': [{}, { headers: { 'accept-language': 'de' } }],
  'a header that the other one has': [{ headers: { 'accept-language': 'de' } }, {}],
  'a header that differs': [
    { headers: { 'accept-language': 'de' } },
    { headers: { 'accept-language': 'en' } },
  ],
  'a mutation, though its text is the same': [{}, { operation: 'mutation' }],
  'two mutations': [{ operation: 'mutation' }, { operation: 'mutation' }],
};
for (const [difference, calls] of Object.entries(differences)) {
  t.test(`never shared: ${difference}`, async (t) => {
    const { sent } = await together(t, calls, { propagateHeaders: ['accept-language'] });
    t.equal(sent, 2);
  });
}

t.test('it can be turned off', async (t) => {
  t.equal((await together(t, [{}, {}], { shareInFlight: false })).sent, 2);
});

t.test('all that wait are told of a failure, and the next call is a new one', async (t) => {
  const { url, received } = await startFaultySubgraph(t, answer('<html>'), answer(fine));
  const { call } = connect(t, url);
  const results = await Promise.allSettled([call(), call()]);
  t.same(
    results.map((result) => result.status === 'rejected' && result.reason.reason),
    ['not-graphql', 'not-graphql'],
  );
  t.match(await call(), { data: { me: { id: '1' } } });
  t.equal(received.length, 2);
});

const drafts = callerAsking(openCaller, { stage: 'DRAFT' });
const changes: Readonly<Record<string, readonly [query: Caller, mutation: Caller]>> = {
  'of that caller': [openCaller, openCaller],
  'that means another stage': [drafts, openCaller],
  'that means no stage, when the change meant one': [openCaller, drafts],
};
for (const [query, [asking, changing]] of Object.entries(changes)) {
  t.test(`after a change, no query ${query} is answered by one from before it`, async (t) => {
    const held: (() => void)[] = [];
    const hold: Behaviour = (response, request) => {
      held.push(() => answer(fine)(response, request));
      if (held.length === 2) arrived.resolve();
    };
    const arrived = Promise.withResolvers<void>();
    const { url, received } = await startFaultySubgraph(t, hold, answer(fine), hold);
    const client: Connected = connect(t, url);
    const before = client.call({ caller: asking });
    await client.call({ operation: 'mutation', caller: changing });
    const after = client.call({ caller: asking });
    await arrived.promise;
    for (const go of held) go();
    await Promise.all([before, after]);
    t.equal(received.length, 3);
  });
}

t.test("results are nobody else's: each may be changed in depth", async (t) => {
  const { results } = await together(t, [{}, {}, {}]);
  const [first, ...others] = results.map((result) => {
    t.equal(result.status, 'fulfilled');
    return (result as PromiseFulfilledResult<{ data: { me: { id: string } } }>).value.data;
  });
  if (first !== undefined) first.me.id = 'changed';
  t.same(others, [{ me: { id: '1' } }, { me: { id: '1' } }]);
});

t.test('two operations that share a call and then differ have each its own answer', async (t) => {
  const gate = Promise.withResolvers<void>();
  const resolvers = {
    ...blog.users.resolvers,
    Query: { ...blog.users.resolvers.Query, me: () => gate.promise.then(() => ({ id: '1' })) },
  };
  const gateway = await startOpenGateway({ ...blog, users: { ...blog.users, resolvers } });
  t.teardown(() => gateway.close());
  let asked = 0;
  gateway.app.castellan.addHook('preFetch', ({ subgraph }) => {
    if (subgraph !== 'users') return;
    asked += 1;
    // Both are under way once this tick is over.
    if (asked === 3) setImmediate(gate.resolve);
  });
  const queries = [
    '{ me { posts { id } } }',
    '{ me { posts(first: 1) { title } } }',
    '{ me { id } }',
  ];
  const answers = await Promise.all(queries.map((query) => gateway.ask(query)));
  t.same(answers, [
    { data: { me: { posts: [{ id: 'p1' }, { id: 'p3' }] } } },
    { data: { me: { posts: [{ title: 'One' }] } } },
    { data: { me: { id: '1' } } },
  ]);
  const toUsers = gateway.calls.filter(({ subgraph }) => subgraph === 'users');
  t.ok(toUsers.length < 3, `${toUsers.length} calls for three operations`);
});
