import t, { type Test } from 'tap';
import { blog } from '#test/support/blog.ts';
import { startOpenGateway } from '#test/support/open-gateway.ts';
import { connectWith } from '#test/support/web-socket-client.ts';
import { openSocket, refusedUpgrade } from './support/raw-socket.ts';

async function start(t: Test, settings: Parameters<typeof startOpenGateway>[1] = {}) {
  const gateway = await startOpenGateway(blog, settings);
  t.teardown(() => gateway.close());
  return gateway;
}

t.test('queries, mutations and @defer are answered as over HTTP', async (t) => {
  const { url } = await start(t);
  const client = connectWith(t, `${url.replace('http', 'ws')}/graphql`);
  const answers = async (query: string, variables?: Record<string, unknown>) => {
    const all: unknown[] = [];
    for await (const answer of client.iterate({ query, ...(variables && { variables }) }))
      all.push(answer);
    return all;
  };
  t.same(await answers('query ($a: Int!) { me { name } add(a: $a) }', { a: 5 }), [
    { data: { me: { name: 'Ann' }, add: 7 } },
  ]);
  t.match(await answers('mutation { addPost(title: "New") { title } }'), [
    { data: { addPost: { title: 'New' } } },
  ]);
  t.match(await answers('{ me { name } ... @defer { hello } }'), [
    { data: { me: { name: 'Ann' } }, hasNext: true },
    { incremental: [{ data: { hello: 'hi' }, path: [] }], hasNext: false },
  ]);
});

t.test('a field that fails is part of an answer, a refused operation is an error', async (t) => {
  const { url } = await start(t);
  const { init, send, next } = await openSocket(t, url);
  await init();
  send({ id: '1', type: 'subscribe', payload: { query: '{ me { broken } }' } });
  t.match(await next(), {
    id: '1',
    type: 'next',
    payload: { data: { me: { broken: null } }, errors: [{ path: ['me', 'broken'] }] },
  });
  t.same(await next(), { id: '1', type: 'complete' });
  for (const [query, code] of [
    ['{ nope }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{', 'GRAPHQL_PARSE_FAILED'],
    ['', 'BAD_REQUEST'],
  ]) {
    send({ id: '2', type: 'subscribe', payload: { query } });
    t.match(await next(), { id: '2', type: 'error', payload: [{ extensions: { code } }] });
  }
});

t.test('what the protocol forbids closes the connection with the code it names', async (t) => {
  const { url } = await start(t);
  const subscribe = { id: '1', type: 'subscribe', payload: { query: '{ hello }' } };
  const cases: readonly [string, number, readonly unknown[]][] = [
    ['what is no JSON', 4400, ['nonsense']],
    ['what is no message', 4400, [{ type: 'hello' }]],
    ['a message without an operation', 4400, [{ id: '1', type: 'subscribe', payload: {} }]],
    ["a server's message", 4400, [{ id: '1', type: 'complete' }, { type: 'connection_ack' }]],
    ['an operation before connection_init', 4401, [subscribe]],
    ['a second connection_init', 4429, [{ type: 'connection_init' }, { type: 'connection_init' }]],
  ];
  for (const [name, code, messages] of cases) {
    const { send, closed } = await openSocket(t, url);
    for (const message of messages) send(message);
    t.equal((await closed).code, code, name);
  }
  const binary = await openSocket(t, url);
  binary.socket.send(Buffer.from(JSON.stringify({ type: 'connection_init' })));
  t.equal((await binary.closed).code, 4400, 'a binary message');
  const hasty = await start(t, { webSockets: { connectionInitTimeoutMs: 50 } });
  const silent = await openSocket(t, hasty.url);
  t.equal((await silent.closed).code, 4408, 'no connection_init');
});

t.test('an id that is in use closes the connection, one that is over does not', async (t) => {
  const { url } = await start(t);
  const { init, send, next, closed } = await openSocket(t, url);
  await init();
  const subscribe = { id: '1', type: 'subscribe', payload: { query: '{ hello }' } };
  for (let round = 0; round < 2; round++) {
    send(subscribe);
    t.equal((await next()).type, 'next');
    t.equal((await next()).type, 'complete');
  }
  send(subscribe);
  send(subscribe);
  t.equal((await closed).code, 4409);
});

t.test('a ping is answered with its payload', async (t) => {
  const { url } = await start(t);
  const { send, next } = await openSocket(t, url);
  send({ type: 'ping', payload: { n: 1 } });
  t.same(await next(), { type: 'pong', payload: { n: 1 } });
  send({ type: 'ping' });
  t.same(await next(), { type: 'pong' });
});

t.test('an upgrade that cannot be served is refused as HTTP', async (t) => {
  const { url } = await start(t);
  t.same(await refusedUpgrade(url, { protocols: ['graphql-ws'] }), {
    status: 400,
    code: 'BAD_REQUEST',
  });
  t.same(await refusedUpgrade(url, { protocols: [] }), { status: 400, code: 'BAD_REQUEST' });
  t.same(await refusedUpgrade(url, { path: '/health/live' }), { status: 404, code: 'NOT_FOUND' });
  t.same(await refusedUpgrade(url, { path: '/nowhere' }), { status: 404, code: 'NOT_FOUND' });
});

t.test('each operation has an id of its own, that its calls and their trace carry', async (t) => {
  const { url, calls } = await start(t);
  const client = connectWith(t, `${url.replace('http', 'ws')}/graphql`);
  for (const query of ['{ hello }', '{ me { name } }']) {
    for await (const { errors } of client.iterate({ query })) t.equal(errors, undefined);
  }
  const ids = calls.map(({ headers }) => String(headers['castellan-request-id']));
  t.equal(new Set(ids).size, 2);
  t.ok(
    calls.every(({ headers }, index) => {
      const trace = String(headers.traceparent).split('-')[1];
      return trace === ids[index]?.replaceAll('-', '');
    }),
  );
});
