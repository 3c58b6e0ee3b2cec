import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import t from 'tap';
import { blog } from '#test/support/blog.ts';
import { runCastellan, startCastellan } from '#test/support/castellan-process.ts';
import { ask } from '#test/support/client.ts';
import { compose } from '#test/support/compose.ts';
import { federated, startSubgraph } from '#test/support/subgraph-server.ts';

t.test('edit, compose, ask: the running gateway has the new field', async (t) => {
  const fixture = {
    ...blog.users,
    typeDefs: blog.users.typeDefs.replace('broken: String ', 'nick: String broken: String '),
    resolvers: {
      ...blog.users.resolvers,
      User: { ...blog.users.resolvers.User, nick: () => 'Annie' },
    },
  };
  const users = await startSubgraph('users', fixture, []);
  t.teardown(() => users.app.close());
  const folder = t.testdir({
    'supergraph.yaml': `federation_version: =2.9.0
subgraphs:
  users:
    routing_url: ${users.url}
    schema:
      file: ./users.graphql
`,
    'users.graphql': federated(blog.users.typeDefs),
  });
  const composed = async (): Promise<void> => {
    const { code, stderr } = await runCastellan(['compose'], {}, folder);
    t.equal(code, 0, stderr);
  };
  await composed();
  const file = path.join(folder, 'supergraph.graphql');
  const gateway = await startCastellan(['gateway', '--open', '--supergraph', file], {}, 'GraphQL');
  t.teardown(() => gateway.stop());
  const url = (gateway.facts.get('GraphQL') ?? '').replace(/\/graphql$/, '');
  t.match((await ask(url, '{ me { nick } }')).errors, [{ message: /nick/ }]);

  const served = gateway.printed('a new supergraph is served');
  writeFileSync(path.join(folder, 'users.graphql'), federated(fixture.typeDefs));
  await composed();
  await served;
  t.same((await ask(url, '{ me { nick } }')).data, { me: { nick: 'Annie' } });

  const refused = gateway.printed('the new supergraph is refused');
  writeFileSync(file, readFileSync(file, 'utf8').replace('type Query', 'typ Query'));
  await refused;
  t.match(gateway.output(), /supergraph\.graphql:\d+:\d+: Syntax Error: Unexpected Name \\"typ\\"/);
  t.same(
    (await ask(url, '{ me { nick } }')).data,
    { me: { nick: 'Annie' } },
    'the old one goes on',
  );
  t.equal(await gateway.stop(), 0);
});

t.test(
  '--supergraph takes a URL; when nothing is there, the process says so and ends',
  async (t) => {
    const users = await startSubgraph('users', blog.users, []);
    t.teardown(() => users.app.close());
    const sdl = compose({ users: blog.users.typeDefs }).replace(
      'http://127.0.0.1:1/users',
      users.url,
    );
    const store = createServer(({ url }, response) => {
      response.writeHead(url === '/graph' ? 200 : 404).end(url === '/graph' ? sdl : '');
    });
    await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
    t.teardown(() => store.close());
    const { port } = store.address() as AddressInfo;
    const at = (name: string): readonly string[] => [
      'gateway',
      '--open',
      '--supergraph',
      `http://127.0.0.1:${port}/${name}`,
    ];
    const gateway = await startCastellan(at('graph'), {}, 'GraphQL');
    t.teardown(() => gateway.stop());
    const url = (gateway.facts.get('GraphQL') ?? '').replace(/\/graphql$/, '');
    t.same((await ask(url, '{ me { name } }')).data, { me: { name: 'Ann' } });

    const { code, stderr } = await runCastellan(at('nothing?token=secret'));
    t.equal(code, 1);
    t.equal(
      stderr.split('\n').at(-2),
      `http://127.0.0.1:${port}/nothing cannot be read: it answers with status 404`,
    );
  },
);
