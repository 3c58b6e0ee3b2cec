import { createServer } from 'node:http';
import { connect as dial, type Socket } from 'node:net';
import t from 'tap';
import { connect } from '../support/connect.ts';
import { answer, startFaultySubgraph } from '../support/faulty-subgraph.ts';
import { tick } from './support/event-stream.ts';
import { listen, withGraphqlWs } from './support/servers.ts';
import { startSocketSubgraph, thenNext } from './support/socket-subgraph.ts';
import { createTicker } from './support/ticker.ts';

const body = '{"query":"subscription{tick}"}';

/** Speaks SSE by POST, and has no WebSocket. Tells the methods that came. */
async function startSse(t: Parameters<typeof connect>[0]) {
  const methods: string[] = [];
  const server = createServer((request, response) => {
    methods.push(request.method ?? '');
    request.resume();
    if (request.method !== 'POST') response.writeHead(405).end();
    else response.writeHead(200, { 'content-type': 'text/event-stream' }).end(tick(1));
  });
  return { url: await listen(t, server), methods, server };
}

t.test('what worked is tried first from then on', async (t) => {
  const { url, methods } = await startSse(t);
  const { subscribe } = connect(t, url);
  for (const _ of [1, 2]) {
    t.match(await (await subscribe({ body })).next(), { value: { data: { tick: 1 } } });
  }
  t.same(methods, ['GET', 'POST', 'POST']);
});

t.test('and forgotten when it no longer works', async (t) => {
  const { url, server } = await startSse(t);
  const { subscribe } = connect(t, url);
  await (await subscribe()).next();
  // The same address speaks WebSocket from now on, and no SSE.
  server.removeAllListeners('request');
  server.on('request', (_, response) => response.writeHead(404).end());
  const sockets = await startSocketSubgraph(t, thenNext({ data: { tick: 2 } }));
  server.on('upgrade', (request, socket) => {
    const raw = `GET / HTTP/1.1\r\n${request.rawHeaders.reduce(
      (text, part, index) => text + part + (index % 2 === 0 ? ': ' : '\r\n'),
      '',
    )}\r\n`;
    const upstream = dial(Number(new URL(sockets.url).port), '127.0.0.1');
    upstream.write(raw);
    socket.pipe(upstream).pipe(socket);
  });
  t.match(await (await subscribe()).next(), { value: { data: { tick: 2 } } });
});

t.test('a WebSocket that refuses is the answer: SSE is not tried', async (t) => {
  const { url, upgrades } = await startSocketSubgraph(t, {
    connection_init: (socket) => socket.close(4403),
  });
  const { subscribe } = connect(t, url);
  await t.rejects(subscribe(), { reason: 'refused', message: /4403/ });
  t.equal(upgrades.length, 1);
});

t.test('where neither works, the HTTP answer is told', async (t) => {
  const { url } = await startFaultySubgraph(
    t,
    answer('{"errors":[{"message":"by GET"}]}', 400),
    answer('{"errors":[{"message":"by POST"}]}', 400),
  );
  const { subscribe } = connect(t, url);
  const events = await subscribe();
  t.match((await events.next()).value, { errors: [{ message: 'by POST' }], status: 400 });
});

t.test(
  'an upgrade that is never answered costs the time to connect, and then SSE is tried',
  async (t) => {
    const { url, server } = await startSse(t);
    const open: Socket[] = [];
    server.on('upgrade', (_, socket: Socket) => void open.push(socket));
    t.teardown(() => open.map((socket) => socket.destroy()));
    const { subscribe } = connect(t, url, { connectTimeoutMs: 40 });
    t.match(await (await subscribe()).next(), { value: { data: { tick: 1 } } });
  },
);

t.test('a ws URL is a WebSocket, and queries are asked by HTTP in the same place', async (t) => {
  const ticker = createTicker();
  const url = (await withGraphqlWs(t, ticker.schema)).replace('http:', 'ws:');
  const { subscribe, call } = connect(t, url);
  const events = await subscribe();
  await ticker.reached(1);
  ticker.tick(1);
  t.match(await events.next(), { value: { data: { tick: 1 } } });
  t.match(await call({ body: '{"query":"{hello}"}' }), { data: { hello: 'hello' } });
});

t.test('subscriptions may be taken elsewhere', async (t) => {
  const ticker = createTicker();
  const elsewhere = await withGraphqlWs(t, ticker.schema);
  const { url } = await startFaultySubgraph(t, answer('{}', 404));
  const { subscribe } = connect(t, url, { subscriptions: { url: elsewhere } });
  await subscribe();
  await ticker.reached(1);
  t.throws(() => connect(t, url, { subscriptions: { url: 'ftp://x' } }), {
    code: 'CONFIGURATION_INVALID',
    message: /subscriptions.url/,
  });
});
