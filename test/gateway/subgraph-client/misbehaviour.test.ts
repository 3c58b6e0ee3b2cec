import { createServer } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import t from 'tap';
import { connect, outcomeOf } from './support/connect.ts';
import {
  answer,
  type Behaviour,
  breakOff,
  endless,
  fine,
  hangUp,
  nothing,
  reset,
  stall,
  startFaultySubgraph,
} from './support/faulty-subgraph.ts';

const maxResponseBytes = 100_000;
const bomb = Buffer.alloc(50_000_000, ' ');

const misbehaviours: readonly (readonly [string, Behaviour, string])[] = [
  ['resets the connection', reset, 'SUBGRAPH_UNAVAILABLE unanswered'],
  ['hangs up', hangUp, 'SUBGRAPH_UNAVAILABLE unanswered'],
  ['breaks off its answer', breakOff, 'SUBGRAPH_UNAVAILABLE broken-off'],
  ['answers with HTML', answer('<html>'), 'SUBGRAPH_INVALID_RESPONSE not-graphql'],
  ['answers with half of the JSON', answer('{"data":{"m'), 'SUBGRAPH_INVALID_RESPONSE not-graphql'],
  ['answers with nothing', answer(''), 'SUBGRAPH_INVALID_RESPONSE not-graphql'],
  ['answers with status 500', answer('oops', 500), 'SUBGRAPH_UNAVAILABLE not-graphql'],
  ['answers with status 503', answer('oops', 503), 'SUBGRAPH_UNAVAILABLE not-graphql'],
  [
    'answers with a redirect',
    answer('', 302, { location: '/x' }),
    'SUBGRAPH_INVALID_RESPONSE not-graphql',
  ],
  ['never ends its answer', endless, 'SUBGRAPH_INVALID_RESPONSE too-large'],
  [
    'says that it will send too much',
    (response) => response.writeHead(200, { 'content-length': '100001' }).write('{'),
    'SUBGRAPH_INVALID_RESPONSE too-large',
  ],
  [
    'sends a gzip bomb',
    answer(gzipSync(bomb), 200, { 'content-encoding': 'gzip' }),
    'SUBGRAPH_INVALID_RESPONSE too-large',
  ],
  [
    'sends a brotli bomb',
    answer(brotliCompressSync(bomb), 200, { 'content-encoding': 'br' }),
    'SUBGRAPH_INVALID_RESPONSE too-large',
  ],
  [
    'packs half of its answer',
    answer(gzipSync(fine).subarray(0, 20), 200, { 'content-encoding': 'gzip' }),
    'SUBGRAPH_INVALID_RESPONSE undecodable',
  ],
  [
    'says that it has packed, and has not',
    answer(fine, 200, { 'content-encoding': 'gzip' }),
    'SUBGRAPH_INVALID_RESPONSE undecodable',
  ],
  [
    'packs in a way that nobody knows',
    answer(fine, 200, { 'content-encoding': 'rot13' }),
    'SUBGRAPH_INVALID_RESPONSE undecodable',
  ],
];

for (const [what, behaviour, outcome] of misbehaviours) {
  t.test(`a subgraph that ${what} is told as ${outcome}, and asked again next time`, async (t) => {
    const { url } = await startFaultySubgraph(t, behaviour, answer(fine));
    const { call } = connect(t, url, { maxResponseBytes, retry: { maxRetries: 0 } });
    t.equal(await outcomeOf(call()), outcome);
    t.same(await outcomeOf(call()), { me: { id: '1' } });
  });
}

t.test(
  'a subgraph that nobody runs is told as SUBGRAPH_UNAVAILABLE, without its address',
  async (t) => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    await new Promise((resolve) => server.close(resolve));
    const { call } = connect(t, `http://127.0.0.1:${port}/graphql`);
    const failure = await call().catch((error: Error) => error);
    t.match(failure, {
      code: 'SUBGRAPH_UNAVAILABLE',
      reason: 'unreachable',
      message: 'The subgraph "users" cannot be reached',
    });
  },
);

t.test('an answer of exactly maxResponseBytes is taken', async (t) => {
  const { url } = await startFaultySubgraph(t, answer(fine));
  const { call } = connect(t, url, { maxResponseBytes: fine.length });
  t.same(await outcomeOf(call()), { me: { id: '1' } });
  const tighter = connect(t, url, { maxResponseBytes: fine.length - 1 });
  t.equal(await outcomeOf(tighter.call()), 'SUBGRAPH_INVALID_RESPONSE too-large');
});

t.test('GraphQL errors are told whatever the status', async (t) => {
  const { url } = await startFaultySubgraph(t, answer('{"errors":[{"message":"no"}]}', 500));
  t.same(await outcomeOf(connect(t, url).call()), [{ message: 'no' }]);
});

t.test('what a hook has broken is not blamed on the subgraph', async (t) => {
  const { url, received } = await startFaultySubgraph(t, answer(fine));
  const { call, hooks, log } = connect(t, url, { circuitBreaker: { minimumCalls: 1 } });
  hooks.add('preFetch', (fetch) => {
    fetch.headers['x-broken'] = 'a\r\nb: c';
  });
  await t.rejects(call(), { code: 'UND_ERR_INVALID_ARG' });
  t.same([received.length, log], [0, []]);
});

t.test('whoever breaks the connection, the gateway opens another one', async (t) => {
  const { url, received } = await startFaultySubgraph(t, hangUp, breakOff, reset, answer(fine));
  const { call } = connect(t, url, { connections: 1, retry: { maxRetries: 0 } });
  for (const _ of [1, 2, 3]) await outcomeOf(call());
  t.same(await outcomeOf(call()), { me: { id: '1' } });
  t.equal(received.length, 4);
});

t.test('nothing and stall end by a time-out', async (t) => {
  // The server waits for ever: whenever the timers fire, only they can end the call.
  for (const behaviour of [nothing, stall]) {
    const { url } = await startFaultySubgraph(t, behaviour);
    const { call } = connect(t, url, { timeoutMs: 40 });
    await t.rejects(call(), {
      code: 'SUBGRAPH_UNAVAILABLE',
      reason: 'timeout',
      message: 'The subgraph "users" did not answer within 40 ms',
    });
  }
});
