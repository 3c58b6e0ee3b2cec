import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { blog } from '#test/support/blog.ts';
import { startOpenGateway } from '#test/support/open-gateway.ts';

t.test('errors of subgraphs', async (t) => {
  const gateway = await startOpenGateway(blog);
  t.teardown(() => gateway.close());

  t.test('keep their message, name the service and have the path of a root fetch', async (t) => {
    t.same(await gateway.ask('{ me { b: broken } }'), {
      data: { me: { b: null } },
      errors: [{ message: 'broken 1', path: ['me', 'b'], extensions: { service: 'users' } }],
    });
  });

  t.test('have the path of every place where the entity stands', async (t) => {
    const { data, errors = [] } = await gateway.ask('{ posts { author { broken } } }');
    t.same(data, {
      posts: [
        { author: { broken: null } },
        { author: { broken: null } },
        { author: { broken: null } },
      ],
    });
    t.same(
      errors.map(({ message, path }) => [message, path]),
      [
        ['broken 1', ['posts', 0, 'author', 'broken']],
        ['broken 1', ['posts', 2, 'author', 'broken']],
        ['broken 2', ['posts', 1, 'author', 'broken']],
      ],
    );
  });

  t.test('null what may be null around a field that may not, and are told once', async (t) => {
    const { data, errors } = await gateway.ask('{ me { posts { id } brokenTwice } hello }');
    t.same(data, { me: null, hello: 'hi' });
    t.same(errors, [
      {
        message: 'no',
        path: ['me', 'brokenTwice'],
        extensions: { code: 'TEAPOT', service: 'users' },
      },
    ]);
  });

  t.test('a value that the schema hides is null and an error', async (t) => {
    const { data, errors = [] } = await gateway.ask('{ users { status } }');
    t.same(data, { users: [{ status: 'ACTIVE' }, { status: null }] });
    t.same(errors[0]?.path, ['users', 1, 'status']);
    t.notMatch(JSON.stringify(errors), 'SECRET');
  });
});

const misbehaviours: readonly {
  readonly promise: string;
  readonly status?: number;
  readonly body?: string;
  readonly code: string;
}[] = [
  { promise: 'HTML', body: '<html>no</html>', code: 'SUBGRAPH_INVALID_RESPONSE' },
  { promise: 'a truncated body', body: '{"data":{"_enti', code: 'SUBGRAPH_INVALID_RESPONSE' },
  { promise: 'an array', body: '[]', code: 'SUBGRAPH_INVALID_RESPONSE' },
  { promise: 'neither data nor errors', body: '{}', code: 'SUBGRAPH_INVALID_RESPONSE' },
  { promise: 'status 500 and a page', status: 500, body: 'oops', code: 'SUBGRAPH_UNAVAILABLE' },
  { promise: 'too much', body: `"${'x'.repeat(300_000)}"`, code: 'SUBGRAPH_INVALID_RESPONSE' },
  { promise: 'a cut connection', code: 'SUBGRAPH_UNAVAILABLE' },
];

for (const { promise, status = 200, body, code } of misbehaviours) {
  t.test(`a subgraph that answers with ${promise} costs only its own fields`, async (t) => {
    const server = createServer((request, response) => {
      request.resume();
      if (body === undefined) request.socket.destroy();
      else response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const gateway = await startOpenGateway(
      blog,
      { subgraphs: { maxResponseBytes: 200_000 } },
      { users: `http://127.0.0.1:${port}/graphql` },
    );
    t.teardown(async () => {
      await gateway.close();
      server.close();
    });
    const { data, errors = [] } = await gateway.ask(
      '{ hello feed { ... on Ad { id owner { name } } } }',
    );
    t.same(data, {
      hello: 'hi',
      feed: [{}, { id: 'a1', owner: null }, { id: 'a2', owner: null }],
    });
    t.equal(errors.length, 2);
    t.same(errors[0]?.path, ['feed', 1, 'owner', 'name']);
    t.match(errors[0]?.extensions, { code, service: 'users' });
    t.notMatch(JSON.stringify(errors), String(port), 'no address is told');
  });
}

t.test('what needs the data of a failed subgraph is told with its own path', async (t) => {
  const server = createServer((_, response) => response.writeHead(503).end('down'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const gateway = await startOpenGateway(blog, {}, { posts: `http://127.0.0.1:${port}/graphql` });
  t.teardown(async () => {
    await gateway.close();
    server.close();
  });
  const { data, errors = [] } = await gateway.ask('{ me { name } hello }');
  t.same(data, { me: { name: 'Ann' }, hello: null });
  t.same(
    errors.map(({ path, extensions }) => [path, extensions.code]),
    [[['hello'], 'SUBGRAPH_UNAVAILABLE']],
  );
});

t.test(
  'a value that JSON cannot write, or that is no value of its type, is null and an error',
  async (t) => {
    const deep = '['.repeat(20_000) + ']'.repeat(20_000);
    const server = createServer((request, response) => {
      request.resume();
      response.end(`{"data":{"add":1e999,"echo":${deep},"hello":{"a":1},"posts":[{"id":1e999}]}}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const gateway = await startOpenGateway(blog, {}, { posts: `http://127.0.0.1:${port}/graphql` });
    t.teardown(async () => {
      await gateway.close();
      server.close();
    });
    const { data, errors = [] } = await gateway.ask('{ add(a: 1) echo hello }');
    t.same(data, { add: null, echo: null, hello: null });
    t.same(
      errors.map(({ path, extensions }) => [path, extensions.code]),
      ['add', 'echo', 'hello'].map((field) => [[field], 'SUBGRAPH_INVALID_RESPONSE']),
    );
    t.equal((await gateway.ask('{ posts { id } }')).data, null);
  },
);

t.test('with --open only this machine is answered, by its own name', async (t) => {
  const gateway = await startOpenGateway(blog);
  t.teardown(() => gateway.close());
  const { port } = new URL(gateway.url);
  for (const [host, status] of [
    [`127.0.0.1:${port}`, 200],
    [`localhost:${port}`, 200],
    ['[::1]:80', 200],
    [`evil.example:${port}`, 403],
    ['127.0.0.1.evil.example', 403],
  ] as const) {
    const response = await gateway.app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { host, origin: `http://${host}` },
      payload: { query: '{ hello }' },
    });
    t.equal(response.statusCode, status, host);
  }
});
