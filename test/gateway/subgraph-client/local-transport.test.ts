import { Readable } from 'node:stream';
import Fastify from 'fastify';
import t from 'tap';
import { createLocalTransport } from '#gateway/subgraph-client/local-transport.ts';

const bounds = { timeoutMs: 30_000, maxResponseBytes: 1_000_000 };
const headers = { 'content-type': 'application/json', 'x-a': 'b' };

t.test('a subgraph in this process is asked through its routes', async (t) => {
  const app = Fastify();
  app.post('/graphql', (request, reply) =>
    reply.code(201).send([request.headers['x-a'], request.body]),
  );
  t.teardown(() => app.close());
  const transport = createLocalTransport('content', app, bounds);
  t.same(await transport.send({ headers, body: '{"query":"{a}"}', repeatable: true }), {
    status: 201,
    body: '["b",{"query":"{a}"}]',
    hasRetryAfter: false,
  });
});

t.test('it has timeoutMs like any other', async (t) => {
  const app = Fastify();
  app.post('/graphql', () => new Promise(() => undefined));
  const transport = createLocalTransport('content', app, { ...bounds, timeoutMs: 30 });
  await t.rejects(transport.send({ headers, body: '{}', repeatable: true }), {
    code: 'SUBGRAPH_UNAVAILABLE',
    reason: 'timeout',
    message: 'The subgraph "content" did not answer within 30 ms',
  });
});

t.test('it has maxResponseBytes like any other, of bytes and not of characters', async (t) => {
  const app = Fastify();
  app.post('/graphql', (_, reply) => reply.send('é'.repeat(50)));
  const send = (maxResponseBytes: number) =>
    createLocalTransport('content', app, { ...bounds, maxResponseBytes }).send({
      headers,
      body: '{}',
      repeatable: true,
    });
  t.match(await send(100), { status: 200, body: 'é'.repeat(50) });
  await t.rejects(send(99), {
    code: 'SUBGRAPH_INVALID_RESPONSE',
    reason: 'too-large',
    status: 200,
    message: 'The subgraph "content" answered with more than 99 bytes',
  });
});

t.test('an answer without an end is read no further than that', async (t) => {
  const app = Fastify();
  let sent = 0;
  const closed = Promise.withResolvers<void>();
  app.post('/graphql', (_, reply) => {
    const endless = new Readable({
      read() {
        sent += 1_000;
        this.push(' '.repeat(1_000));
      },
    });
    endless.once('close', () => closed.resolve());
    return reply.send(endless);
  });
  const transport = createLocalTransport('content', app, { ...bounds, maxResponseBytes: 10_000 });
  await t.rejects(transport.send({ headers, body: '{}', repeatable: true }), {
    message: 'The subgraph "content" answered with more than 10000 bytes',
  });
  await closed.promise;
  t.ok(sent < 500_000, `${sent} bytes were made`);
});

t.test('one that takes too long in the middle is given up', async (t) => {
  const app = Fastify();
  const closed = Promise.withResolvers<void>();
  app.post('/graphql', (_, reply) => {
    const slow = new Readable({ read() {} });
    slow.push('{');
    slow.once('close', () => closed.resolve());
    return reply.send(slow);
  });
  const transport = createLocalTransport('content', app, { ...bounds, timeoutMs: 30 });
  await t.rejects(transport.send({ headers, body: '{}', repeatable: true }), {
    message: 'The subgraph "content" did not answer within 30 ms',
  });
  await closed.promise;
});

t.test('one that fails in the middle has broken off', async (t) => {
  const app = Fastify();
  app.post('/graphql', (_, reply) => {
    const failing = new Readable({ read() {} });
    failing.push('{');
    setImmediate(() => failing.destroy(new Error('out of paper')));
    return reply.send(failing);
  });
  const transport = createLocalTransport('content', app, bounds);
  await t.rejects(transport.send({ headers, body: '{}', repeatable: true }), {
    code: 'SUBGRAPH_UNAVAILABLE',
    message: 'The subgraph "content" broke off its answer',
  });
});
