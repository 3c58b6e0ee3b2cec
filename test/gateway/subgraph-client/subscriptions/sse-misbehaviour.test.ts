import t from 'tap';
import { connect } from '../support/connect.ts';
import {
  answer,
  type Behaviour,
  hangUp,
  nothing,
  reset,
  startFaultySubgraph,
} from '../support/faulty-subgraph.ts';
import { next, startEventStreams, tick } from './support/event-stream.ts';

type Options = NonNullable<NonNullable<Parameters<typeof connect>[2]>['subscriptions']>;

const stream =
  (...parts: readonly (string | Buffer)[]): Behaviour =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    for (const part of parts) response.write(part);
    response.end();
  };

async function subscribeTo(t: Tap, behaviour: Behaviour, options: Options = {}) {
  const { url, received } = await startFaultySubgraph(t, behaviour);
  const client = connect(t, url, { subscriptions: { protocol: 'sse', ...options } });
  return { ...client, url, received };
}

type Tap = Parameters<typeof connect>[0];

/** The results that came, and how the stream ended. */
async function readAll(events: AsyncIterable<{ readonly data: unknown }>): Promise<unknown[]> {
  const results: unknown[] = [];
  try {
    for await (const { data } of events) results.push(data);
  } catch (error) {
    const { code, reason } = error as { code: string; reason: string };
    results.push(`${code} ${reason}`);
  }
  return results;
}

t.test('it is asked as GraphQL over SSE says', async (t) => {
  const { subscribe, received } = await subscribeTo(t, stream());
  await subscribe();
  t.match(received[0]?.headers, {
    accept: 'text/event-stream',
    'content-type': 'application/json',
    'accept-encoding': undefined,
    'castellan-request-id': String,
  });
  t.equal(String(received[0]?.body), '{"query":"subscription{tick}"}');
});

t.test('GraphQL errors that it refuses with are the one result', async (t) => {
  const body = '{"errors":[{"message":"not for you","extensions":{"code":"FORBIDDEN"}}]}';
  for (const status of [200, 400, 401, 500]) {
    const { subscribe } = await subscribeTo(t, answer(body, status));
    const events = await subscribe();
    t.match(await events.next(), {
      value: { data: null, errors: [{ message: 'not for you' }], status },
    });
    t.same(await events.next(), { done: true, value: undefined });
  }
});

const refusals: Readonly<Record<string, readonly [Behaviour, string, number | null]>> = {
  'a page of HTML': [
    answer('<html>', 200, { 'content-type': 'text/html' }),
    'SUBGRAPH_INVALID_RESPONSE refused',
    200,
  ],
  'data, which is no stream': [
    answer('{"data":{"tick":null}}'),
    'SUBGRAPH_INVALID_RESPONSE refused',
    200,
  ],
  'status 401': [answer('', 401), 'SUBGRAPH_INVALID_RESPONSE refused', 401],
  'status 500': [answer('oops', 500), 'SUBGRAPH_UNAVAILABLE refused', 500],
  'a stream with status 503 that says nothing': [
    answer('', 503, { 'content-type': 'text/event-stream' }),
    'SUBGRAPH_UNAVAILABLE refused',
    503,
  ],
  'a refusal without an end': [
    (response) => void response.writeHead(400).write('x'.repeat(5_000)),
    'SUBGRAPH_INVALID_RESPONSE refused',
    400,
  ],
  'an encoding that was not asked for': [
    answer('', 200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }),
    'SUBGRAPH_INVALID_RESPONSE undecodable',
    200,
  ],
  'a reset': [reset, 'SUBGRAPH_UNAVAILABLE unanswered', null],
  'an end without an answer': [hangUp, 'SUBGRAPH_UNAVAILABLE unanswered', null],
};
for (const [what, [behaviour, outcome, status]] of Object.entries(refusals)) {
  t.test(`it does not open: ${what}`, async (t) => {
    const { subscribe, hooks } = await subscribeTo(t, behaviour, { maxEventBytes: 2_000 });
    const statuses: (number | null)[] = [];
    hooks.add('onFetch', (_, ended) => void statuses.push(ended.status));
    const error = await subscribe().then(
      () => t.fail('it opened'),
      (thrown) => thrown,
    );
    t.equal(`${error.code} ${error.reason}`, outcome);
    t.notMatch(error.message, /127\.0\.0\.1/, 'where it runs is not told');
    t.same(statuses, [status]);
  });
}

t.test('openTimeoutMs ends the wait for a stream', async (t) => {
  const { subscribe } = await subscribeTo(t, nothing, { openTimeoutMs: 40 });
  await t.rejects(subscribe(), {
    code: 'SUBGRAPH_UNAVAILABLE',
    message: 'The subgraph "users" did not open the stream within 40 ms',
  });
});

t.test('nobody listens there', async (t) => {
  const { subscribe } = connect(t, 'http://127.0.0.1:1/graphql', {
    subscriptions: { protocol: 'sse' },
  });
  await t.rejects(subscribe(), { code: 'SUBGRAPH_UNAVAILABLE', reason: 'unreachable' });
});

const endings: Readonly<Record<string, readonly [Behaviour, readonly unknown[]]>> = {
  'it completes at once': [stream('event: complete\ndata:\n\n'), []],
  'it ends without a word, as old servers do': [stream(tick(1)), [{ tick: 1 }]],
  'nothing counts after completion': [
    stream(`${tick(1)}event: complete\ndata:\n\n${tick(2)}`),
    [{ tick: 1 }],
  ],
  'events without a name, comments, other events and a byte order mark': [
    stream('\uFEFF:ping\n\ndata: {"data":{"tick":1}}\n\nevent: other\ndata: x\n\n', tick(2)),
    [{ tick: 1 }, { tick: 2 }],
  ],
  'lines that end in CR or CRLF, data of several lines': [
    stream(
      'event: next\r\ndata: {"data":\r\ndata: {"tick":1}}\r\n\r\nevent:next\rdata:{"data":{"tick":2}}\r\r',
    ),
    [{ tick: 1 }, { tick: 2 }],
  ],
  'JSON that is none': [
    stream(tick(1), next('{"data":')),
    [{ tick: 1 }, 'SUBGRAPH_INVALID_RESPONSE not-graphql'],
  ],
  'neither data nor errors': [stream(next('{}')), ['SUBGRAPH_INVALID_RESPONSE not-graphql']],
  'an event that is too large at once': [
    stream(next(`{"data":{"a":"${'x'.repeat(2_000)}"}}`)),
    ['SUBGRAPH_INVALID_RESPONSE too-large'],
  ],
  'an event without an end': [
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: ');
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    },
    ['SUBGRAPH_INVALID_RESPONSE too-large'],
  ],
  'it breaks off': [
    (response, request) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(tick(1), () => request.socket.resetAndDestroy());
    },
    [{ tick: 1 }, 'SUBGRAPH_UNAVAILABLE broken-off'],
  ],
};
for (const [what, [behaviour, expected]] of Object.entries(endings)) {
  t.test(`a stream: ${what}`, async (t) => {
    const { subscribe } = await subscribeTo(t, behaviour, { maxEventBytes: 1_000 });
    t.same(await readAll(await subscribe()), expected);
  });
}

t.test('characters and lines may be cut anywhere', async (t) => {
  const bytes = Buffer.from(next('{"data":{"tick":"wëird 🦜"}}').replaceAll('\n', '\r\n'));
  const { subscribe } = await subscribeTo(t, (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const write = (at: number): void => {
      if (at === bytes.length) response.end();
      else response.write(bytes.subarray(at, at + 1), () => write(at + 1));
    };
    write(0);
  });
  t.same(await readAll(await subscribe()), [{ tick: 'wëird 🦜' }]);
});

t.test('idleTimeoutMs ends a stream that sends nothing', async (t) => {
  const subgraph = await startEventStreams(t);
  const { subscribe } = connect(t, subgraph.url, {
    subscriptions: { protocol: 'sse', idleTimeoutMs: 40 },
  });
  t.same(await readAll(await subscribe()), ['SUBGRAPH_UNAVAILABLE timeout']);
  await (await subgraph.opened()).left;
});

t.test('who leaves before it opens leaves nothing behind', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const { subscribe } = await subscribeTo(t, (response) => {
    response.on('close', left.resolve);
    arrived.resolve();
  });
  const leaving = new AbortController();
  const pending = subscribe({}, leaving.signal);
  await arrived.promise;
  leaving.abort(new Error('gone'));
  await t.rejects(pending, { message: 'gone' });
  await left.promise;
});

t.test('a hook may refuse, and what it cannot send is its own mistake', async (t) => {
  const { subscribe, hooks, received } = await subscribeTo(t, stream());
  let value = 'a\nb';
  hooks.add('preFetch', ({ headers, kind, repeatable }) => {
    t.same([kind, repeatable], ['subscription', false]);
    if (value === '') throw new Error('refused');
    headers['x-a'] = value;
  });
  await t.rejects(subscribe(), { code: 'ERR_INVALID_CHAR' });
  value = '';
  await t.rejects(subscribe(), { message: 'refused' });
  t.equal(received.length, 0);
});

t.test('streams that do not open open the circuit, for calls too', async (t) => {
  const { subscribe, call, received } = await subscribeTo(t, answer('', 503));
  for (let times = 0; times < 20; times += 1)
    await t.rejects(subscribe(), { code: 'SUBGRAPH_UNAVAILABLE', reason: 'refused' });
  await t.rejects(subscribe(), { code: 'SUBGRAPH_UNAVAILABLE', reason: 'circuit-open' });
  await t.rejects(call(), { code: 'SUBGRAPH_UNAVAILABLE', reason: 'circuit-open' });
  t.equal(received.length, 20);
});
