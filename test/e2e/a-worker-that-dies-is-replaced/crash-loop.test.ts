import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startHeldSubgraph } from '#test/support/held-subgraph.ts';
import { askAnew, startWorkers, withOnly } from '#test/support/running-workers.ts';

const typebox = import.meta.resolve('typebox');
const module = (name: string): string => new URL(`../../../gateway/${name}`, import.meta.url).href;

/** A gateway whose workers end while they start, as soon as there is a file. */
const config = (file: string): string =>
  [
    "import { existsSync } from 'node:fs';",
    `import { defineConfig } from '${module('settings.ts')}';`,
    `import { definePlugin, use } from '${module('plugin.ts')}';`,
    `import { Type } from '${typebox}';`,
    'const fragile = definePlugin({',
    "  name: 'fragile',",
    '  options: Type.Object({}),',
    `  register() { if (existsSync(${JSON.stringify(file)})) process.exit(3); },`,
    '});',
    'export default defineConfig({ plugins: [use(fragile)], workers: { maxRestarts: 2 } });',
  ].join('\n');

t.test('what dies again and again ends it all, and the others finish what they have', async (t) => {
  const subgraph = await startHeldSubgraph(t);
  const cwd = path.dirname(subgraph.file);
  const file = path.join(cwd, 'break');
  writeFileSync(path.join(cwd, 'castellan.config.ts'), config(file));
  const { url, primary, pids } = await startWorkers(2, ['--supergraph', subgraph.file], { cwd });
  const both = await pids(2);
  const [victim = 0, other = 0] = both;
  const { answer } = await withOnly(other, both, async () => {
    const answer = askAnew(url, '{ hello }');
    await subgraph.called(1);
    return { answer };
  });
  const draining = primary.printed('finishing the requests in flight');
  writeFileSync(file, '');
  process.kill(victim, 'SIGKILL');
  await draining;
  subgraph.letGo();
  t.same((await answer).data, { hello: 'there' });
  t.equal(await primary.ended, 1);
  t.equal(
    primary.output().trimEnd().split('\n').at(-1),
    'A worker ended 3 times in a row soon after its start; the last time: exit code 3',
  );
  t.equal(
    primary.output().match(/another one is started/g)?.length,
    2,
    'it was tried, not for ever',
  );
  await t.rejects(askAnew(url, '{ hello }'), 'nobody listens any more');
});
