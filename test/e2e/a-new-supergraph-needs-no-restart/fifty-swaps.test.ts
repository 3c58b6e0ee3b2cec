import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startCastellan } from '#test/support/castellan-process.ts';
import { ask } from '#test/support/client.ts';
import { compose } from '#test/support/compose.ts';
import { startSubgraph } from '#test/support/subgraph-server.ts';

const SWAPS = 50;
/** By then everything has been used that is kept for good. */
const WARM = 10;
const AT_ONCE = 10;
/** One supergraph that stays weighs about 0.7 MB. */
const MAX_GROWTH_MB = 5;

const module = (name: string): string => new URL(`../../../${name}`, import.meta.url).href;

/** A gateway that tells, at /memory, what is left of its heap when the last request of an old supergraph has ended. */
const config = [
  "import { setFlagsFromString } from 'node:v8';",
  "import { runInNewContext } from 'node:vm';",
  `import { defineConfig } from '${module('gateway/settings.ts')}';`,
  `import { definePlugin, use } from '${module('gateway/plugin.ts')}';`,
  `import { Type } from '${import.meta.resolve('typebox')}';`,
  "setFlagsFromString('--expose-gc');",
  "const collectGarbage = runInNewContext('gc');",
  'const memory = definePlugin({',
  "  name: 'memory',",
  '  options: Type.Object({}),',
  '  register(app) {',
  "    app.get('/memory', async () => {",
  '      const nextTurn = () => new Promise((resolve) => setImmediate(resolve));',
  '      while (app.castellan.supergraph.generations > 1) await nextTurn();',
  '      for (let time = 0; time < 3; time += 1) {',
  '        collectGarbage();',
  '        await nextTurn();',
  '      }',
  '      const { generations, swaps, swapsRefused } = app.castellan.supergraph;',
  '      return { heap: process.memoryUsage().heapUsed, generations, swaps, swapsRefused };',
  '    });',
  '  },',
  '});',
  'export default defineConfig({ plugins: [use(memory)], supergraph: { pollSeconds: 1 } });',
].join('\n');

/** A graph whose answers all say of which version they are. */
async function startVersion(t: Test, version: string, extra: string): Promise<string> {
  const filling = Array.from(
    { length: 100 },
    (_, type) => `type Filling${type} { a(x: Int = 1): Int b: [Filling${type}!] c: String d: ID }`,
  ).join('\n');
  const users = {
    typeDefs: `
      type Query { me: User ${extra}: String ${Array.from({ length: 100 }, (_, n) => `f${n}: Filling${n}`).join(' ')} }
      type User @key(fields: "id") { id: ID! from: String! }
      ${filling}`,
    resolvers: { Query: { me: () => ({ id: '1', from: version }) } },
  };
  const posts = {
    typeDefs: `
      type User @key(fields: "id") { id: ID! posts: [Post!]! }
      type Post { from: String! }`,
    resolvers: { User: { posts: () => [{ from: version }] } },
  };
  const running = {
    users: await startSubgraph('users', users, []),
    posts: await startSubgraph('posts', posts, []),
  };
  t.teardown(() => Promise.all([running.users.app.close(), running.posts.app.close()]));
  return compose({ users: users.typeDefs, posts: posts.typeDefs })
    .replace('http://127.0.0.1:1/users', running.users.url)
    .replace('http://127.0.0.1:1/posts', running.posts.url);
}

/** A client that asks, or listens, until it is told to stop, and then says what went wrong. */
type Client = (url: string, goesOn: () => boolean) => Promise<ClientReport>;

interface ClientReport {
  readonly answers: number;
  /** Versions that were seen. */
  readonly versions: ReadonlySet<string>;
  readonly wrong: readonly unknown[];
}

/** Two subgraphs, one after the other, in one answer. */
const queries: Client = async (url, goesOn) => {
  const wrong: unknown[] = [];
  const versions = new Set<string>();
  let answers = 0;
  while (goesOn()) {
    const name = `Hot${answers % 5}`;
    const answer = await ask(url, `query ${name} { me { id from posts { from } } }`).catch(String);
    answers += 1;
    const found = JSON.stringify(typeof answer === 'string' ? answer : answer.data);
    const version = ['A', 'B'].find(
      (each) => found === `{"me":{"id":"1","from":"${each}","posts":[{"from":"${each}"}]}}`,
    );
    if (version === undefined) wrong.push(answer);
    else versions.add(version);
  }
  return { answers, versions, wrong };
};

/** Clients of other kinds, such as one that keeps a subscription which both versions allow, stand here too. */
const clients: readonly Client[] = Array.from({ length: AT_ONCE }, () => queries);

t.test(`${SWAPS} swaps under load: nothing fails, nothing is mixed, nothing stays`, async (t) => {
  const versions = [await startVersion(t, 'A', 'gone'), await startVersion(t, 'B', 'come')];
  const cwd = t.testdir({
    'castellan.config.ts': config,
    'supergraph.graphql': versions[0] ?? '',
  });
  const file = path.join(cwd, 'supergraph.graphql');
  const gateway = await startCastellan(
    ['gateway', '--open'],
    { LOG_LEVEL: 'info' },
    'GraphQL',
    cwd,
  );
  t.teardown(() => gateway.stop());
  const url = (gateway.facts.get('GraphQL') ?? '').replace(/\/graphql$/, '');
  const memory = async () =>
    (await (await fetch(`${url}/memory`)).json()) as {
      heap: number;
      generations: number;
      swaps: number;
      swapsRefused: number;
    };

  let swaps = 0;
  const swap = async (): Promise<void> => {
    swaps += 1;
    writeFileSync(`${file}.new`, versions[swaps % 2] ?? '');
    const served = gateway.whenOutput(
      (output) => output.includes(`"swaps":${swaps},`) || undefined,
    );
    renameSync(`${file}.new`, file);
    await served;
  };
  /** Swaps up to this many, under load; afterwards nobody asks any more. */
  const swapUnderLoad = async (upTo: number) => {
    const load = clients.map((client) => client(url, () => swaps < upTo));
    while (swaps < upTo) await swap();
    const reports = await Promise.all(load);
    t.same(
      reports.flatMap(({ wrong }) => wrong),
      [],
    );
    t.same([...new Set(reports.flatMap((report) => [...report.versions]))].sort(), ['A', 'B']);
    return { answers: reports.reduce((sum, { answers }) => sum + answers, 0), ...(await memory()) };
  };

  const warm = await swapUnderLoad(WARM);
  const end = await swapUnderLoad(SWAPS);
  t.match(end, { swaps: SWAPS, swapsRefused: 0, generations: 1 });
  const grown = (end.heap - warm.heap) / 1e6;
  t.comment(`${warm.answers + end.answers} answers; the heap grew by ${grown.toFixed(2)} MB`);
  t.ok(
    grown < MAX_GROWTH_MB,
    `${grown.toFixed(2)} MB more after ${SWAPS} swaps than after ${WARM}`,
  );
  t.equal(await gateway.stop(), 0);
});
