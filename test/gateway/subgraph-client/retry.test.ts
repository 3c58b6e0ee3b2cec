import fc from 'fast-check';
import t from 'tap';
import { SubgraphFailure } from '#gateway/subgraph-client/failure.ts';
import { longestPauseMs, withRetry } from '#gateway/subgraph-client/retry.ts';
import type { SubgraphTransport } from '#gateway/subgraph-client/transport.ts';
import { ManualClock } from '#test/plugins/auth/support/manual-clock.ts';
import { connect, outcomeOf } from './support/connect.ts';
import {
  answer,
  breakOff,
  fine,
  hangUp,
  nothing,
  reset,
  startFaultySubgraph,
} from './support/faulty-subgraph.ts';

const passing = {
  'status 502': answer('bad gateway', 502),
  'status 503': answer('unavailable', 503),
  'status 504': answer('gateway time-out', 504),
  'a reset': reset,
  'a connection that is closed without an answer': hangUp,
};
const lasting = {
  'status 500': answer('oops', 500),
  'status 501': answer('what?', 501),
  'status 503 with Retry-After': answer('later', 503, { 'retry-after': '120' }),
  'status 429': answer('too many', 429),
  HTML: answer('<html>'),
  'an answer that breaks off': breakOff,
};

for (const [fault, behaviour] of Object.entries(passing)) {
  t.test(`after ${fault} a query is sent once more, a mutation is not`, async (t) => {
    const query = await startFaultySubgraph(t, behaviour, answer(fine));
    t.same(await outcomeOf(connect(t, query.url).call()), { me: { id: '1' } });
    t.equal(query.received.length, 2);
    t.same(query.received[0], query.received[1], 'the very same request');

    const mutation = await startFaultySubgraph(t, behaviour, answer(fine));
    const outcome = await outcomeOf(connect(t, mutation.url).call({ operation: 'mutation' }));
    t.match(outcome, /^SUBGRAPH_UNAVAILABLE/);
    t.equal(mutation.received.length, 1);
  });
}

for (const [fault, behaviour] of Object.entries(lasting)) {
  t.test(`after ${fault} nothing is sent again`, async (t) => {
    const { url, received } = await startFaultySubgraph(t, behaviour, answer(fine));
    t.match(await outcomeOf(connect(t, url).call()), /^SUBGRAPH_/);
    t.equal(received.length, 1);
  });
}

t.test('maxRetries bounds the attempts; 0 is none', async (t) => {
  for (const maxRetries of [0, 1, 3]) {
    const { url, received } = await startFaultySubgraph(t, answer('', 503));
    const { call } = connect(t, url, { retry: { maxRetries, backoffMs: 1 } });
    t.equal(await outcomeOf(call()), 'SUBGRAPH_UNAVAILABLE not-graphql');
    t.equal(received.length, maxRetries + 1);
  }
});

t.test('each attempt is the same call to the hooks: they run once', async (t) => {
  const { url, received } = await startFaultySubgraph(t, hangUp, answer('', 502), answer(fine));
  const { call, hooks } = connect(t, url, { retry: { maxRetries: 2, backoffMs: 1 } });
  const seen: unknown[] = [];
  hooks.add('preFetch', () => void seen.push('preFetch'));
  hooks.add('onFetch', (_, { status, error }) => void seen.push(status, error));
  await call();
  t.same([received.length, seen], [3, ['preFetch', 200, null]]);
});

t.test('a query that a hook calls unrepeatable is sent once', async (t) => {
  const { url, received } = await startFaultySubgraph(t, hangUp, answer(fine));
  const { call, hooks } = connect(t, url);
  hooks.add('preFetch', (fetch) => {
    fetch.repeatable = false;
  });
  t.equal(await outcomeOf(call()), 'SUBGRAPH_UNAVAILABLE unanswered');
  t.equal(received.length, 1);
});

t.test('a retry has what is left of the time', async (t) => {
  const { url, received } = await startFaultySubgraph(t, hangUp, nothing);
  const { call } = connect(t, url, { timeoutMs: 60 });
  await t.rejects(call(), { message: 'The subgraph "users" did not answer within 60 ms' });
  t.equal(received.length, 2);
});

const request = { headers: {}, body: '{}', repeatable: true };
const unreachable = new SubgraphFailure('unreachable', 'no');

/** A transport that fails for ever, and takes its time for it. */
function failing(
  clock: ManualClock,
  eachMs = 0,
): SubgraphTransport & { sent: (number | undefined)[] } {
  const sent: (number | undefined)[] = [];
  return {
    sent,
    async send({ timeLeftMs }) {
      sent.push(timeLeftMs);
      clock.advance(eachMs);
      throw unreachable;
    },
    close: async () => {},
  };
}

const retry = {
  maxRetries: 5,
  backoffMs: 100,
  maxBackoffMs: 1_000,
  budgetRatio: 0,
  budgetBurst: 100,
};

t.test('pauses grow to a bound, are drawn at random, and end with the time', async (t) => {
  const clock = new ManualClock();
  const transport = failing(clock, 50);
  const pauses: number[] = [];
  const wait = async (milliseconds: number): Promise<void> => {
    pauses.push(milliseconds);
    clock.advance(milliseconds);
  };
  const retrying = withRetry(
    transport,
    { retry, timeoutMs: 600 },
    { clock, random: () => 0.5, wait },
  );
  await t.rejects(retrying.send(request), unreachable);
  t.same(pauses, [50, 100, 200]);
  t.same(transport.sent, [undefined, 500, 350, 100], 'the fifth would have had no time left');
  t.same(
    [0, 1, 2, 3, 4, 9].map((retries) => longestPauseMs(retries, retry)),
    [100, 200, 400, 800, 1_000, 1_000],
  );
});

t.test('whatever comes, retries stay within the budget', async (t) => {
  const clock = new ManualClock();
  await t.resolves(
    fc.assert(
      fc.asyncProperty(
        fc.record({
          maxRetries: fc.integer({ min: 1, max: 5 }),
          budgetRatio: fc.double({ min: 0, max: 1, noNaN: true }),
          budgetBurst: fc.integer({ min: 1, max: 20 }),
        }),
        fc.integer({ min: 1, max: 60 }),
        async (options, calls) => {
          const transport = failing(clock);
          const retrying = withRetry(
            transport,
            { retry: { ...retry, ...options }, timeoutMs: 1_000 },
            { clock, random: () => 0, wait: async () => {} },
          );
          for (let index = 0; index < calls; index += 1)
            await retrying.send(request).catch(() => {});
          const retries = transport.sent.length - calls;
          const most = Math.min(
            calls * options.maxRetries,
            options.budgetBurst + calls * options.budgetRatio,
          );
          return retries <= most + 1e-9 && retries >= Math.min(options.budgetBurst, calls) - 1;
        },
      ),
    ),
  );
});

t.test('what an attempt saw is told, rather than that the circuit is open by now', async (t) => {
  const { url, received } = await startFaultySubgraph(t, answer('oops', 503));
  const { call } = connect(t, url, {
    circuitBreaker: { minimumCalls: 1 },
    retry: { backoffMs: 1 },
  });
  t.equal(await outcomeOf(call()), 'SUBGRAPH_UNAVAILABLE not-graphql');
  t.equal(received.length, 1);
});
