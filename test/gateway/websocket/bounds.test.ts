import { once } from 'node:events';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import type { GatewaySettings } from '#gateway/settings.ts';
import { blog } from '#test/support/blog.ts';
import { startOpenGateway } from '#test/support/open-gateway.ts';
import { openSocket, refusedUpgrade } from './support/raw-socket.ts';

/** A gateway in front of a field that is answered when the test says so, and of one that is large. */
async function start(t: Test, webSockets: Partial<GatewaySettings['webSockets']>) {
  const held = [Promise.withResolvers<string>(), Promise.withResolvers<string>()] as const;
  const gateway = await startOpenGateway(
    {
      ...blog,
      slow: {
        typeDefs: 'type Query { slow: String slower: String large: String }',
        resolvers: {
          Query: {
            slow: () => held[0].promise,
            slower: () => held[1].promise,
            large: () => 'x'.repeat(500_000),
          },
        },
      },
    },
    { webSockets: webSockets as object },
  );
  t.teardown(() => gateway.close());
  return { ...gateway, letGo: (which: 0 | 1 = 0) => held[which].resolve('done') };
}

const subscribe = (id: string, query = '{ slow }') => ({
  id,
  type: 'subscribe',
  payload: { query },
});

t.test('a message that is too large closes the connection', async (t) => {
  const { url } = await start(t, { maxPayloadBytes: 1_000 });
  const { init, send, closed } = await openSocket(t, url);
  await init();
  send(subscribe('1', `{ hello } #${'x'.repeat(1_000)}`));
  t.equal((await closed).code, 1009);
});

t.test('there are so many connections and no more; one that closes makes room', async (t) => {
  const { url } = await start(t, { maxConnections: 2 });
  const first = await openSocket(t, url);
  await openSocket(t, url);
  t.same(await refusedUpgrade(url), { status: 503, code: 'OVERLOADED' });
  first.socket.close();
  await first.closed;
  const third = await openSocket(t, url);
  await third.init();
});

t.test('a refused upgrade takes no place', async (t) => {
  const { url } = await start(t, { maxConnections: 1 });
  for (let round = 0; round < 3; round++) await refusedUpgrade(url, { protocols: [] });
  const { init } = await openSocket(t, url);
  await init();
});

t.test('a connection has so many operations, those that it left and that run on too', async (t) => {
  const { url, letGo } = await start(t, { maxOperationsPerConnection: 2 });
  const { init, send, next } = await openSocket(t, url);
  await init();
  send(subscribe('1'));
  send({ id: '1', type: 'complete' });
  send(subscribe('2'));
  send(subscribe('3'));
  t.match(await next(), {
    id: '3',
    type: 'error',
    payload: [{ message: /maxOperationsPerConnection/, extensions: { code: 'OVERLOADED' } }],
  });
  letGo();
  t.match(await next(), { id: '2', type: 'next', payload: { data: { slow: 'done' } } });
  t.match(await next(), { id: '2', type: 'complete' });
  send(subscribe('3'));
  t.match(await next(), { id: '3', type: 'next' }, 'there is room again');
});

t.test('an id that was left and is given again belongs to the new operation', async (t) => {
  const { url, letGo } = await start(t, {});
  const { init, send, next } = await openSocket(t, url);
  await init();
  send(subscribe('1'));
  send({ id: '1', type: 'complete' });
  send(subscribe('1', '{ slower }'));
  letGo(0);
  send(subscribe('2'));
  t.match(await next(), { id: '2', type: 'next' }, 'nothing comes of the one that was left');
  t.match(await next(), { id: '2', type: 'complete' });
  letGo(1);
  t.match(await next(), { id: '1', type: 'next', payload: { data: { slower: 'done' } } });
  t.match(await next(), { id: '1', type: 'complete' });
});

t.test('an id stays taken when an operation that had it before ends', async (t) => {
  const { url, letGo } = await start(t, {});
  const { init, send, next, closed } = await openSocket(t, url);
  await init();
  send(subscribe('1'));
  send({ id: '1', type: 'complete' });
  send(subscribe('1', '{ slower }'));
  letGo(0);
  send(subscribe('2'));
  for (const type of ['next', 'complete']) t.match(await next(), { id: '2', type });
  send(subscribe('1'));
  t.match(await closed, { code: 4409 });
  letGo(1);
});

t.test('a client that answers no ping is gone', async (t) => {
  const { url } = await start(t, { keepAliveSeconds: 1 });
  const { init, socket, closed } = await openSocket(t, url);
  await init();
  socket.pause();
  const other = await openSocket(t, url);
  await other.init();
  // The one that reads is pinged as often, and stays.
  for (let pings = 0; pings < 3; pings++) await once(other.socket, 'ping');
  socket.resume();
  t.equal((await closed).code, 1006);
  t.equal(other.socket.readyState, other.socket.OPEN);
});

t.test('a client that asks and does not read is not read either, and then is gone', async (t) => {
  const { url, app } = await start(t, {
    keepAliveSeconds: 1,
    maxBufferedBytes: 100_000,
    maxOperationsPerConnection: 10,
  });
  const { init, socket, send, closed } = await openSocket(t, url);
  await init();
  socket.pause();
  const [connection] = app.websocketServer.clients;
  if (connection === undefined) throw new Error('the gateway has no client');
  let largest = 0;
  let id = 0;
  // It goes on asking, and pinging, until nobody listens any more.
  const asking = setInterval(() => {
    send(subscribe(String(id++), '{ large }'));
    send({ type: 'ping', payload: { text: 'x'.repeat(100) } });
    largest = Math.max(largest, connection.bufferedAmount);
  }, 5);
  t.teardown(() => clearInterval(asking));
  await once(connection, 'close');
  socket.resume();
  t.equal((await closed).code, 1006);
  t.ok(largest > 0, 'something waited for it');
  t.ok(largest < 11 * 510_000, `no more than its operations and the bound: ${largest}`);
});

t.test('an upgrade that is refused before it has a route is closed', async (t) => {
  const { url } = await start(t, { connectionInitTimeoutMs: 100 });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.write(
    'GET /%zz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  const [answer] = await once(socket, 'data');
  t.match(String(answer), /^HTTP\/1.1 400 /);
  await once(socket, 'close');
});
