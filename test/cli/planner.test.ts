import path from 'node:path';
import t from 'tap';
import { blog } from '#test/support/blog.ts';
import { runCastellan, startCastellan } from '#test/support/castellan-process.ts';
import { compose } from '#test/support/compose.ts';

const folder = t.testdir({
  'supergraph.graphql': compose({ users: blog.users.typeDefs, posts: blog.posts.typeDefs }),
});
const file = path.join(folder, 'supergraph.graphql');

t.test('a planner that is none is refused by name', async (t) => {
  const { code, stderr } = await runCastellan([
    'gateway',
    '--open',
    '--supergraph',
    file,
    '--planner',
    'best',
  ]);
  t.equal(code, 1);
  t.equal(stderr, '--planner must be one of auto, hive, apollo, not "best"\n');
});

t.test('a gateway with any planner starts, and stops when it is told to', async (t) => {
  for (const planner of ['auto', 'hive', 'apollo']) {
    const gateway = await startCastellan(
      ['gateway', '--open', '--supergraph', file, '--planner', planner],
      {},
      'GraphQL',
    );
    const url = gateway.facts.get('GraphQL') ?? '';
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ me { name } __typename }' }),
    });
    t.match(await response.json(), { errors: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }] });
    t.equal(await gateway.stop(), 0, planner);
  }
});
