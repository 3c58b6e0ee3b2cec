import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import t from 'tap';
import { defineConfig } from '#gateway/settings.ts';
import { createHttpTransport } from '#gateway/subgraph-client/http-transport.ts';
import { connect } from './support/connect.ts';
import {
  answer,
  type Behaviour,
  fine,
  nothing,
  stall,
  startFaultySubgraph,
} from './support/faulty-subgraph.ts';

t.test('firstByteTimeoutMs ends a call whose answer does not begin', async (t) => {
  const { url, received } = await startFaultySubgraph(t, nothing);
  const { call } = connect(t, url, { firstByteTimeoutMs: 40 });
  await t.rejects(call(), {
    code: 'SUBGRAPH_UNAVAILABLE',
    message: 'The subgraph "users" did not begin to answer within 40 ms',
  });
  t.equal(received.length, 1, 'a slow subgraph is not asked twice');
});

t.test('an answer that has begun has the whole time', async (t) => {
  const { url } = await startFaultySubgraph(t, stall);
  const { call } = connect(t, url, { firstByteTimeoutMs: 40, timeoutMs: 120 });
  await t.rejects(call(), { message: 'The subgraph "users" did not answer within 120 ms' });
});

t.test('who waits for a connection is not waiting for the first byte', async (t) => {
  let letGo = (): void => undefined;
  const hold: Behaviour = (response) => {
    stall(response, response.req);
    letGo = () => response.end(fine.slice(9));
  };
  const { url, received } = await startFaultySubgraph(t, hold);
  const { settings } = defineConfig({
    plugins: [],
    subgraphs: { connections: 1, firstByteTimeoutMs: 30, timeoutMs: 150 },
  });
  const transport = createHttpTransport('users', url, settings.subgraphs);
  t.teardown(() => transport.close());
  const request = { headers: {}, body: '{"query":"{a}"}', repeatable: true };
  // It has the only connection for longer than the other one waits.
  const holding = transport.send({ ...request, timeLeftMs: 60_000 });
  await t.rejects(transport.send(request), {
    message: 'The subgraph "users" did not answer within 150 ms',
  });
  t.equal(received.length, 1);
  letGo();
  t.match(await holding, { status: 200, body: fine });
});

t.test('connectTimeoutMs ends the opening of a connection', async (t) => {
  // It accepts, and never says a word of TLS.
  const server = createServer(() => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  const { call } = connect(t, url, { connectTimeoutMs: 40, retry: { maxRetries: 0 } });
  await t.rejects(call(), {
    code: 'SUBGRAPH_UNAVAILABLE',
    reason: 'unreachable',
    cause: { code: 'UND_ERR_CONNECT_TIMEOUT', message: /timeout: 40ms/ },
  });
});

t.test('connections bounds how many calls a subgraph has at once', async (t) => {
  const waiting: (() => void)[] = [];
  let most = 0;
  const holdTwo: Behaviour = (response, request) => {
    waiting.push(() => answer(fine)(response, request));
    most = Math.max(most, waiting.length);
    // Whoever came second lets both go.
    if (waiting.length === 2) for (const go of waiting.splice(0)) go();
  };
  const { url, received } = await startFaultySubgraph(t, holdTwo);
  const { call } = connect(t, url, { connections: 2 });
  const bodies = Array.from(
    { length: 6 },
    (_, index) => `{"query":"{me{id}}","variables":${index}}`,
  );
  await Promise.all(bodies.map((body) => call({ body })));
  t.same([most, received.length], [2, 6]);
});

t.test('a connection is kept for the next call, and for keepAliveMs after it', async (t) => {
  const opened: string[] = [];
  const closed = Promise.withResolvers<string | undefined>();
  const server = createHttpServer((request, response) => {
    const [, name = ''] = request.url?.split('/') ?? [];
    if (!opened.includes(name)) request.socket.once('close', () => closed.resolve(name));
    opened.push(name);
    request.resume().on('end', () => answer(fine)(response, request));
  });
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  // Nobody but the client closes a connection.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const client = (name: string, keepAliveMs: number): ReturnType<typeof connect> =>
    connect(t, `http://127.0.0.1:${port}/${name}`, { connections: 1, keepAliveMs });
  const long = client('long', 60_000);
  const short = client('short', 100);
  for (const { call } of [long, short, long, short]) await call();
  t.same([opened, connections], [['long', 'short', 'long', 'short'], 2]);
  t.equal(await closed.promise, 'short');
});
