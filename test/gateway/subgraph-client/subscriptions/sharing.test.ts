import t from 'tap';
import { type Caller, openCaller } from '#contract/caller.ts';
import { CLAIMS_HEADER } from '#contract/claims.ts';
import { SubscriptionHub } from '#gateway/subgraph-client/subscriptions/subscription-hub.ts';
import { type CallOptions, connect, type SubgraphsSettings } from '../support/connect.ts';
import { startEventStreams } from './support/event-stream.ts';

const sse: SubgraphsSettings = { subscriptions: { protocol: 'sse' } };
const other: Caller = Object.freeze({ ...openCaller });

t.test(
  'identical subscriptions of one caller are one stream, and each has its own events',
  async (t) => {
    const subgraph = await startEventStreams(t);
    const { subscribe, hooks } = connect(t, subgraph.url, sse);
    const shared: boolean[] = [];
    hooks.add('onFetch', (_, outcome) => void shared.push(outcome.shared));
    // One while it opens, one when it is open.
    const [first, second] = await Promise.all([subscribe(), subscribe()]);
    const third = await subscribe({ requestId: 'c1b3ff0e-5f0b-4d46-a2b8-6c4b2a8c6f10' });
    const stream = await subgraph.opened();
    stream.tick(1);
    const results = await Promise.all([first, second, third].map((events) => events.next()));
    t.equal(subgraph.received.length, 1);
    t.same(shared.toSorted(), [false, true, true]);
    const [one, ...rest] = results.map(({ value }) => value?.data);
    if (one != null) one.tick = 'changed';
    t.same(rest, [{ tick: 1 }, { tick: 1 }]);
  },
);

t.test('the last one who leaves ends it, and the next one begins a new one', async (t) => {
  const subgraph = await startEventStreams(t);
  const { subscribe } = connect(t, subgraph.url, sse);
  const leaving = new AbortController();
  const [first, second] = await Promise.all([subscribe({}, leaving.signal), subscribe()]);
  const stream = await subgraph.opened();
  leaving.abort();
  t.same(await first.next(), { done: true, value: undefined });
  stream.tick(1);
  t.match(await second.next(), { value: { data: { tick: 1 } } });
  await second.return?.();
  await stream.left;
  await subscribe();
  t.equal(subgraph.received.length, 2);
});

const differences: Readonly<Record<string, readonly [CallOptions, CallOptions]>> = {
  'callers, even if all that is known of them is the same': [{}, { caller: other }],
  body: [{ body: '{"query":"a"}' }, { body: '{"query":"b"}' }],
  'a header that one of them has': [{}, { headers: { 'accept-language': 'de' } }],
  'a header that differs': [
    { headers: { 'accept-language': 'de' } },
    { headers: { 'accept-language': 'en' } },
  ],
};
for (const [difference, [one, another]] of Object.entries(differences)) {
  t.test(`never shared: ${difference}`, async (t) => {
    const subgraph = await startEventStreams(t);
    const { subscribe } = connect(t, subgraph.url, {
      ...sse,
      propagateHeaders: ['accept-language'],
    });
    await Promise.all([subscribe(one), subscribe(another)]);
    t.equal(subgraph.received.length, 2);
  });
}

t.test(
  'claims that were minted anew for the same caller make no difference; having none does',
  async (t) => {
    const subgraph = await startEventStreams(t);
    const { subscribe, hooks } = connect(t, subgraph.url, sse);
    const tokens: (string | null)[] = ['one', 'two', null];
    hooks.add('preFetch', ({ headers }) => {
      const token = tokens.shift();
      if (typeof token === 'string') headers[CLAIMS_HEADER] = token;
    });
    await subscribe();
    await subscribe();
    t.equal(subgraph.received.length, 1);
    await subscribe();
    t.same(
      subgraph.received.map(({ headers }) => headers[CLAIMS_HEADER]),
      ['one', undefined],
    );
  },
);

t.test('it can be turned off, alone or with all sharing', async (t) => {
  for (const settings of [
    { ...sse, shareInFlight: false },
    { subscriptions: { protocol: 'sse' as const, share: false } },
  ]) {
    const subgraph = await startEventStreams(t);
    const { subscribe } = connect(t, subgraph.url, settings);
    await Promise.all([subscribe(), subscribe()]);
    t.equal(subgraph.received.length, 2);
  }
});

t.test('a slow subscriber is ended and slows nobody', async (t) => {
  const subgraph = await startEventStreams(t);
  const { subscribe } = connect(t, subgraph.url, {
    subscriptions: { protocol: 'sse', bufferedEvents: 3 },
  });
  const [slow, fast] = await Promise.all([subscribe(), subscribe()]);
  const stream = await subgraph.opened();
  for (let value = 1; value <= 10; value += 1) {
    stream.tick(value);
    t.match(await fast.next(), { value: { data: { tick: value } } });
  }
  await t.rejects(slow.next(), { code: 'SUBSCRIPTION_OVERRUN', reason: 'overrun' });
  t.same(await slow.next(), { done: true, value: undefined });
  stream.tick(11);
  t.match(await fast.next(), { value: { data: { tick: 11 } } });
});

t.test('bytes that wait are bounded too; one event always fits', async (t) => {
  const subgraph = await startEventStreams(t);
  const { subscribe } = connect(t, subgraph.url, {
    subscriptions: { protocol: 'sse', bufferedBytes: 5, share: false },
  });
  const [events, watch] = await Promise.all([subscribe(), subscribe()]);
  const [one, two] = [await subgraph.opened(), await subgraph.opened()];
  for (const stream of [one, two]) stream.tick(1);
  // In order on each connection, so what the second has read shows nothing of the first: ask for both.
  t.match(await watch.next(), { value: { data: { tick: 1 } } });
  t.match(await events.next(), { value: { data: { tick: 1 } } });
  for (const stream of [one, two]) {
    stream.tick(2);
    stream.tick(3);
    await stream.left;
  }
  await t.rejects(events.next(), { code: 'SUBSCRIPTION_OVERRUN' });
  await t.rejects(watch.next(), { code: 'SUBSCRIPTION_OVERRUN' });
});

t.test('maxStreams bounds the streams of a subgraph; those who share one count once', async (t) => {
  const subgraph = await startEventStreams(t);
  const { subscribe } = connect(t, subgraph.url, {
    subscriptions: { protocol: 'sse', maxStreams: 1 },
  });
  const first = await subscribe();
  const second = await subscribe();
  await t.rejects(subscribe({ caller: other }), { code: 'OVERLOADED', reason: 'too-many' });
  await Promise.all([first.return?.(), second.return?.()]);
  await t.resolves(subscribe({ caller: other }));
});

t.test(
  'a stream goes on when the client that opened it is replaced, and ends with the hub',
  async (t) => {
    const subgraph = await startEventStreams(t);
    const hub = new SubscriptionHub();
    const before = connect(t, subgraph.url, sse, undefined, { hub });
    const after = connect(t, subgraph.url, sse, undefined, { hub });
    const old = await before.subscribe();
    const stream = await subgraph.opened();
    await before.release();
    const fresh = await after.subscribe();
    stream.tick(1);
    t.match(await old.next(), { value: { data: { tick: 1 } } });
    t.match(await fresh.next(), { value: { data: { tick: 1 } } });
    t.equal(subgraph.received.length, 1);
    await hub.close();
    await t.rejects(old.next(), { code: 'SHUTTING_DOWN', reason: 'closed' });
    await stream.left;
    await t.rejects(after.subscribe(), { code: 'SHUTTING_DOWN' });
  },
);
