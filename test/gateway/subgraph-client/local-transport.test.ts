import Fastify from 'fastify';
import t from 'tap';
import { createLocalTransport } from '#gateway/subgraph-client/local-transport.ts';

const headers = { 'content-type': 'application/json', 'x-a': 'b' };

t.test('a subgraph in this process is asked through its routes', async (t) => {
  const app = Fastify();
  app.post('/graphql', (request, reply) =>
    reply.code(201).send([request.headers['x-a'], request.body]),
  );
  t.teardown(() => app.close());
  const transport = createLocalTransport('content', app, { timeoutMs: 30_000 });
  t.same(await transport.send({ headers, body: '{"query":"{a}"}', repeatable: true }), {
    status: 201,
    body: '["b",{"query":"{a}"}]',
    hasRetryAfter: false,
  });
});

t.test('it has timeoutMs like any other', async (t) => {
  const app = Fastify();
  app.post('/graphql', () => new Promise(() => undefined));
  const transport = createLocalTransport('content', app, { timeoutMs: 30 });
  await t.rejects(transport.send({ headers, body: '{}', repeatable: true }), {
    code: 'SUBGRAPH_UNAVAILABLE',
    reason: 'timeout',
    message: 'The subgraph "content" did not answer within 30 ms',
  });
});
