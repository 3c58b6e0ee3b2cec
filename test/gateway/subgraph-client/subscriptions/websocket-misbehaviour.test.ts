import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import t from 'tap';
import { connect } from '../support/connect.ts';
import { answer, type Behaviour, reset, startFaultySubgraph } from '../support/faulty-subgraph.ts';
import { listen } from './support/servers.ts';
import {
  ack,
  type SocketScript,
  type SocketSubgraph,
  send,
  startSocketSubgraph,
  thenNext,
} from './support/socket-subgraph.ts';

type Options = NonNullable<NonNullable<Parameters<typeof connect>[2]>['subscriptions']>;
type Tap = Parameters<typeof connect>[0];

async function subscribeTo(t: Tap, script: SocketScript, options: Options = {}) {
  const subgraph = await startSocketSubgraph(t, script);
  const client = connect(t, subgraph.url, {
    subscriptions: { protocol: 'websocket', ...options },
    propagateHeaders: ['accept-language'],
  });
  return { ...client, subgraph };
}

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

const event = { data: { tick: 1 } };
const closeWith = (code: number) => (socket: { close(code: number): void }) => socket.close(code);

t.test('headers go with the upgrade and with connection_init', async (t) => {
  const { subscribe, subgraph } = await subscribeTo(t, thenNext(event));
  const events = await subscribe({ headers: { 'accept-language': 'de' } });
  await events.next();
  t.match(subgraph.upgrades[0]?.headers, {
    'accept-language': 'de',
    'castellan-request-id': String,
    'sec-websocket-protocol': 'graphql-transport-ws',
    'sec-websocket-extensions': undefined,
  });
  const [init, subscribed] = subgraph.messages;
  t.match(init, {
    type: 'connection_init',
    payload: { 'accept-language': 'de', 'castellan-request-id': String },
  });
  t.match(subscribed, { type: 'subscribe', payload: { query: 'subscription{tick}' } });
});

t.test('who leaves says so and closes', async (t) => {
  const { subscribe, subgraph } = await subscribeTo(t, ack);
  const events = await subscribe();
  await events.return?.();
  await subgraph.gone;
  t.equal(subgraph.messages.at(-1)?.type, 'complete');
  t.same(subgraph.closedWith, [1000]);
});

t.test(
  'a gateway that closes says so on every stream, and waits until they are gone',
  async (t) => {
    const { subscribe, subgraph, close } = await subscribeTo(t, ack);
    const events = await subscribe();
    await close();
    await subgraph.gone;
    t.equal(subgraph.messages.at(-1)?.type, 'complete');
    t.same(subgraph.closedWith, [1000]);
    await t.rejects(events.next(), { code: 'SHUTTING_DOWN' });
  },
);

const beforeAck: Readonly<Record<number, string>> = {
  1000: 'SUBGRAPH_INVALID_RESPONSE refused',
  4400: 'SUBGRAPH_INVALID_RESPONSE refused',
  4401: 'SUBGRAPH_INVALID_RESPONSE refused',
  4403: 'SUBGRAPH_INVALID_RESPONSE refused',
  4429: 'SUBGRAPH_INVALID_RESPONSE refused',
  1001: 'SUBGRAPH_UNAVAILABLE unanswered',
  1011: 'SUBGRAPH_UNAVAILABLE unanswered',
  4500: 'SUBGRAPH_UNAVAILABLE unanswered',
};
for (const [code, outcome] of Object.entries(beforeAck)) {
  t.test(`closed with ${code} before the acknowledgement`, async (t) => {
    const { subscribe, subgraph } = await subscribeTo(t, {
      connection_init: closeWith(Number(code)),
    });
    const error = await subscribe().then(
      () => t.fail('it opened'),
      (thrown) => thrown,
    );
    t.equal(`${error.code} ${error.reason}`, outcome);
    t.match(error.message, new RegExp(code));
    t.equal(subgraph.upgrades.length, 1, 'nothing is tried again');
  });
}

for (const code of [1001, 1011, 1013, 4400, 4401, 4429, 4500]) {
  t.test(`closed with ${code} in the middle`, async (t) => {
    const { subscribe, subgraph } = await subscribeTo(t, {
      ...ack,
      subscribe: (socket, { id }) => {
        send(socket, { id, type: 'next', payload: event });
        socket.close(code);
      },
    });
    t.same(await readAll(await subscribe()), [{ tick: 1 }, 'SUBGRAPH_UNAVAILABLE broken-off']);
    t.equal(subgraph.upgrades.length, 1, 'nothing is tried again');
  });
}

const endings: Readonly<Record<string, readonly [SocketScript, readonly unknown[]]>> = {
  'it completes at once': [
    { ...ack, subscribe: (socket, { id }) => send(socket, { id, type: 'complete' }) },
    [],
  ],
  'it closes with 1000, which is an end': [{ ...ack, subscribe: closeWith(1000) }, []],
  'the connection is cut': [
    {
      ...ack,
      subscribe: (socket, { id }) => {
        const raw = (socket as unknown as { _socket: Socket })._socket;
        const message = JSON.stringify({ id, type: 'next', payload: event });
        socket.send(message, () => raw.resetAndDestroy());
      },
    },
    [{ tick: 1 }, 'SUBGRAPH_UNAVAILABLE broken-off'],
  ],
  'JSON that is none': [
    { ...ack, subscribe: (socket) => socket.send('{"type":') },
    ['SUBGRAPH_INVALID_RESPONSE not-graphql'],
  ],
  'a message that is not of the protocol': [
    { ...ack, subscribe: (socket) => send(socket, { type: 'connection_error' }) },
    ['SUBGRAPH_INVALID_RESPONSE not-graphql'],
  ],
  'neither data nor errors': [thenNext({}), ['SUBGRAPH_INVALID_RESPONSE not-graphql']],
  'an event that is too large': [
    thenNext(event, { data: { a: 'x'.repeat(1_100) } }),
    [{ tick: 1 }, 'SUBGRAPH_INVALID_RESPONSE too-large'],
  ],
  'a message that is far too large': [
    thenNext(event, { data: { a: 'x'.repeat(100_000) } }),
    [{ tick: 1 }, 'SUBGRAPH_INVALID_RESPONSE too-large'],
  ],
};
for (const [what, [script, expected]] of Object.entries(endings)) {
  t.test(`a stream: ${what}`, async (t) => {
    const { subscribe, subgraph } = await subscribeTo(t, script, { maxEventBytes: 1_000 });
    t.same(await readAll(await subscribe()), expected);
    await subgraph.gone;
    t.equal(subgraph.upgrades.length, 1, 'nothing is tried again');
  });
}

t.test('an error message is a result with errors, and the end', async (t) => {
  const { subscribe } = await subscribeTo(t, {
    ...ack,
    subscribe: (socket, { id }) =>
      send(socket, { id, type: 'error', payload: [{ message: 'not for you' }] }),
  });
  const events = await subscribe();
  t.same((await events.next()).value, {
    data: null,
    errors: [{ message: 'not for you' }],
    status: 200,
  });
  t.same(await events.next(), { done: true, value: undefined });
});

const upgrades: Readonly<Record<string, readonly [Behaviour, string]>> = {
  'status 401': [answer('{}', 401), 'SUBGRAPH_INVALID_RESPONSE refused'],
  'status 503': [answer('', 503), 'SUBGRAPH_UNAVAILABLE refused'],
  'a reset': [reset, 'SUBGRAPH_UNAVAILABLE unanswered'],
};
for (const [what, [behaviour, outcome]] of Object.entries(upgrades)) {
  t.test(`no upgrade: ${what}`, async (t) => {
    const { url } = await startFaultySubgraph(t, behaviour);
    const { subscribe } = connect(t, url, { subscriptions: { protocol: 'websocket' } });
    const error = await subscribe().then(
      () => t.fail('it opened'),
      (thrown) => thrown,
    );
    t.equal(`${error.code} ${error.reason}`, outcome);
  });
}

t.test('an upgrade that is never answered', async (t) => {
  const server = createServer();
  const open: Socket[] = [];
  server.on('upgrade', (_, socket: Socket) => void open.push(socket));
  const url = await listen(t, server);
  t.teardown(() => open.map((socket) => socket.destroy()));
  const { subscribe } = connect(t, url, {
    connectTimeoutMs: 40,
    subscriptions: { protocol: 'websocket' },
  });
  await t.rejects(subscribe(), {
    code: 'SUBGRAPH_UNAVAILABLE',
    message: 'The subgraph "users" did not open a WebSocket within 40 ms',
  });
});

t.test('openTimeoutMs ends the wait for the acknowledgement', async (t) => {
  const { subscribe, subgraph } = await subscribeTo(t, {}, { openTimeoutMs: 60 });
  await t.rejects(subscribe(), {
    code: 'SUBGRAPH_UNAVAILABLE',
    message: 'The subgraph "users" did not open the stream within 60 ms',
  });
  await subgraph.gone;
});

t.test('nobody listens there', async (t) => {
  const { subscribe } = connect(t, 'http://127.0.0.1:1/graphql', {
    subscriptions: { protocol: 'websocket' },
  });
  await t.rejects(subscribe(), { code: 'SUBGRAPH_UNAVAILABLE', reason: 'unreachable' });
});

t.test('a subgraph that pings gets a pong', async (t) => {
  const pong = Promise.withResolvers<void>();
  const { subscribe } = await subscribeTo(t, {
    ...ack,
    subscribe: (socket) => send(socket, { type: 'ping' }),
    pong: () => pong.resolve(),
  });
  await subscribe();
  await pong.promise;
});

t.test('a subgraph that answers pings is alive, and one that does not is gone', async (t) => {
  const pings = Promise.withResolvers<void>();
  let count = 0;
  const alive = await subscribeTo(
    t,
    {
      ...ack,
      ping: (socket) => {
        count += 1;
        send(socket, { type: 'pong' });
        if (count === 3) pings.resolve();
      },
    },
    { pingMs: 30 },
  );
  await alive.subscribe();
  await pings.promise;
  const dead = await subscribeTo(t, ack, { pingMs: 30 });
  t.same(await readAll(await dead.subscribe()), ['SUBGRAPH_UNAVAILABLE timeout']);
  await dead.subgraph.gone;
});

const leaving: Readonly<Record<string, SocketScript>> = {
  'before the acknowledgement': {},
};
for (const [when, script] of Object.entries(leaving)) {
  t.test(`who leaves ${when} leaves nothing behind`, async (t) => {
    const arrived = Promise.withResolvers<void>();
    const { subscribe, subgraph } = await subscribeTo(t, {
      ...script,
      connection_init: () => arrived.resolve(),
    });
    const abort = new AbortController();
    const pending = subscribe({}, abort.signal);
    await arrived.promise;
    abort.abort(new Error('gone'));
    await t.rejects(pending, { message: 'gone' });
    await subgraph.gone;
  });
}

t.test('who leaves before the upgrade leaves nothing behind', async (t) => {
  const server = createServer();
  const upgraded = once(server, 'upgrade');
  const url = await listen(t, server);
  const { subscribe } = connect(t, url, { subscriptions: { protocol: 'websocket' } });
  const abort = new AbortController();
  const pending = subscribe({}, abort.signal);
  const [, socket] = await upgraded;
  abort.abort(new Error('gone'));
  await t.rejects(pending, { message: 'gone' });
  socket.resume();
  await once(socket, 'end');
  socket.end();
});

t.test('a flood ends only the one who does not read', async (t) => {
  const {
    subscribe,
    subgraph,
  }: { subscribe: ReturnType<typeof connect>['subscribe']; subgraph: SocketSubgraph } =
    await subscribeTo(t, thenNext(...Array.from({ length: 5_000 }, () => event)), {
      bufferedEvents: 100,
    });
  const events = await subscribe();
  await subgraph.gone;
  await t.rejects(events.next(), { code: 'SUBSCRIPTION_OVERRUN' });
});

t.test('integers that numbers cannot hold keep their digits, and errors stay plain', async (t) => {
  const payload =
    '{"data":{"tick":9007199254740993},"errors":[{"message":"x","extensions":{"n":9007199254740993}}]}';
  const { subscribe } = await subscribeTo(t, {
    ...ack,
    subscribe: (socket, { id }) => {
      socket.send(`{"id":${JSON.stringify(id)},"type":"next","payload":${payload}}`);
      send(socket, { id, type: 'next', payload: event });
    },
  });
  const events = await subscribe();
  const { value } = await events.next();
  t.match(value, { data: { tick: 9007199254740993n }, errors: [{ extensions: { n: Number } }] });
  t.match((await events.next()).value, event, 'and what follows is read as it is');
});
