import t from 'tap';
import { CircuitBreaker, type CircuitState } from '#gateway/subgraph-client/circuit-breaker.ts';
import { ManualClock } from '#test/plugins/auth/support/manual-clock.ts';
import { connect, outcomeOf } from './support/connect.ts';
import { answer, fine, nothing, reset, startFaultySubgraph } from './support/faulty-subgraph.ts';

const options = { failureRatio: 0.5, minimumCalls: 4, windowMs: 1_000, openMs: 500 };

function breakerAt(clock: ManualClock): {
  readonly breaker: CircuitBreaker;
  readonly states: CircuitState[];
  call(hasFailed: boolean): boolean;
} {
  const states: CircuitState[] = [];
  const breaker = new CircuitBreaker(options, clock, (state) => states.push(state));
  return {
    breaker,
    states,
    call(hasFailed) {
      const ticket = breaker.admit();
      if (ticket !== null) breaker.record(ticket, hasFailed);
      return ticket !== null;
    },
  };
}

t.test('it opens at the ratio, and not below the minimum of calls', async (t) => {
  const { call, breaker } = breakerAt(new ManualClock());
  for (const hasFailed of [true, true, false]) call(hasFailed);
  t.equal(breaker.state, 'closed', 'two of three, but only three');
  call(false);
  t.equal(breaker.state, 'closed', 'a success opens nothing');
  call(true);
  t.equal(breaker.state, 'open', 'three of five');
});

t.test('below the ratio it stays closed, however many fail', async (t) => {
  const { call, breaker } = breakerAt(new ManualClock());
  for (let index = 0; index < 300; index += 1) call(index % 3 === 2);
  t.equal(breaker.state, 'closed');
});

t.test('what lies behind the window does not count', async (t) => {
  const clock = new ManualClock();
  const { call, breaker } = breakerAt(clock);
  for (let index = 0; index < 3; index += 1) call(true);
  clock.advance(1_100);
  call(true);
  t.equal(breaker.state, 'closed');
  clock.advance(800);
  for (let index = 0; index < 2; index += 1) call(true);
  t.equal(breaker.state, 'closed', 'three within a window');
  call(true);
  t.equal(breaker.state, 'open');
});

t.test('while open nobody is admitted; then one tries, and decides for all', async (t) => {
  const clock = new ManualClock();
  const { call, breaker, states } = breakerAt(clock);
  for (let index = 0; index < 4; index += 1) call(true);
  t.notOk(call(false));
  clock.advance(499);
  t.notOk(call(false));
  clock.advance(1);
  const probe = breaker.admit();
  t.not(probe, null);
  t.notOk(call(false), 'one is enough');
  breaker.record(probe ?? -1, true);
  t.notOk(call(false), 'it failed: open for another while');
  clock.advance(500);
  t.ok(call(false));
  t.same(states, ['open', 'half-open', 'open', 'half-open', 'closed']);
});

t.test('once closed again, it begins with a clean sheet', async (t) => {
  const clock = new ManualClock();
  const { call, breaker } = breakerAt(clock);
  for (let index = 0; index < 4; index += 1) call(true);
  clock.advance(500);
  t.ok(call(false));
  call(true);
  t.equal(breaker.state, 'closed', 'the four lie within the window still');
});

t.test('calls that began before it opened decide nothing afterwards', async (t) => {
  const clock = new ManualClock();
  const { call, breaker } = breakerAt(clock);
  const early = breaker.admit() ?? -1;
  for (let index = 0; index < 4; index += 1) call(true);
  clock.advance(500);
  const probe = breaker.admit() ?? -1;
  breaker.record(early, false);
  t.equal(breaker.state, 'half-open', 'only the call that tries decides');
  breaker.record(probe, false);
  t.equal(breaker.state, 'closed');
});

const quick = { retry: { maxRetries: 0 }, circuitBreaker: { minimumCalls: 3, openMs: 1_000 } };

t.test('a subgraph that fails is left alone, and asked again after openMs', async (t) => {
  const clock = new ManualClock();
  const oops = answer('oops', 500);
  const { url, received } = await startFaultySubgraph(t, oops, reset, oops, oops, answer(fine));
  const { call, log } = connect(t, url, quick, clock);
  for (let index = 0; index < 3; index += 1) await outcomeOf(call());
  await t.rejects(call(), {
    code: 'SUBGRAPH_UNAVAILABLE',
    reason: 'circuit-open',
    message: 'The subgraph "users" has failed too often and is not asked for the moment',
  });
  t.equal(await outcomeOf(call({ operation: 'mutation' })), 'SUBGRAPH_UNAVAILABLE circuit-open');
  t.equal(received.length, 3);
  clock.advance(1_000);
  t.equal(await outcomeOf(call()), 'SUBGRAPH_UNAVAILABLE not-graphql');
  t.equal(await outcomeOf(call()), 'SUBGRAPH_UNAVAILABLE circuit-open');
  clock.advance(1_000);
  t.same(await outcomeOf(call()), { me: { id: '1' } });
  t.same(await outcomeOf(call()), { me: { id: '1' } });
  t.same(log, [
    'a subgraph fails too often: it is left alone',
    'a subgraph fails too often: it is left alone',
    'a subgraph answers again',
  ]);
});

t.test('time-outs count', async (t) => {
  const { url } = await startFaultySubgraph(t, nothing);
  const { call } = connect(t, url, { ...quick, timeoutMs: 30 });
  await Promise.all([1, 2, 3].map((n) => outcomeOf(call({ body: `{"query":"{a${n}:me{id}}"}` }))));
  t.equal(await outcomeOf(call()), 'SUBGRAPH_UNAVAILABLE circuit-open');
});

t.test('errors of GraphQL, bad answers and refusals do not count', async (t) => {
  const { url } = await startFaultySubgraph(
    t,
    answer('{"errors":[{"message":"no"}]}'),
    answer('<html>'),
    answer('{"errors":[{"message":"who?"}]}', 401),
    answer(fine, 200, { 'content-encoding': 'rot13' }),
    answer(fine),
  );
  const { call } = connect(t, url, { circuitBreaker: { minimumCalls: 1, failureRatio: 0.1 } });
  for (let index = 0; index < 4; index += 1) await outcomeOf(call());
  t.same(await outcomeOf(call()), { me: { id: '1' } });
});

t.test('it can be turned off', async (t) => {
  const { url, received } = await startFaultySubgraph(t, answer('oops', 500));
  const { call } = connect(t, url, { circuitBreaker: { enabled: false, minimumCalls: 1 } });
  for (let index = 0; index < 5; index += 1) await outcomeOf(call());
  t.equal(received.length, 5);
});
