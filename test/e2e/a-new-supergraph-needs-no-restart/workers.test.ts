import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { compose } from '#test/support/compose.ts';
import { askAnew, startWorkers, withOnly } from '#test/support/running-workers.ts';

const version = (field: string): string => compose({ only: `type Query { ${field}: String }` });

const times = (text: string, count: number) => (output: string) =>
  output.split(text).length - 1 === count || undefined;

/** Which of the processes know a field. */
async function whoKnows(url: string, pids: readonly number[], field: string): Promise<number[]> {
  const knows: number[] = [];
  for (const pid of pids) {
    const { errors } = await withOnly(pid, pids, () =>
      askAnew(url, `{ __typename @skip(if: true) ${field} @skip(if: true) }`),
    );
    if (errors === undefined) knows.push(pid);
  }
  return knows;
}

t.test('a new supergraph reaches every worker, and those that come later', async (t) => {
  const folder = t.testdir({ 'supergraph.graphql': version('first') });
  const file = `${folder}/supergraph.graphql`;
  const { url, primary, pids } = await startWorkers(2, ['--supergraph', file]);
  t.teardown(() => primary.stop());
  const both = await pids(2);
  t.same(await whoKnows(url, both, 'first'), both);

  const served = primary.whenOutput(times('a new supergraph is served', 2));
  writeFileSync(file, version('second'));
  await served;
  t.same(await whoKnows(url, both, 'second'), both);
  t.same(await whoKnows(url, both, 'first'), []);

  const refused = primary.whenOutput(times('the new supergraph is refused', 1));
  writeFileSync(file, readFileSync(file, 'utf8').replace('type Query', 'typ Query'));
  await refused;
  t.match(primary.output(), /supergraph\.graphql:\d+:\d+: Syntax Error: Unexpected Name \\"typ\\"/);

  const [victim = 0, other = 0] = both;
  process.kill(victim, 'SIGKILL');
  const now = [other, ...(await pids(1, both))];
  t.same(
    await whoKnows(url, now, 'second'),
    now,
    'a later one has what is served, not what is newest',
  );
  t.equal(await primary.stop(), 0);
  t.equal(
    primary.output().split('the new supergraph is refused').length,
    2,
    'refused once, by one',
  );
});

t.test('a URL is polled by one process, however many serve', async (t) => {
  let sdl = version('first');
  let polls = 0;
  const later: (() => void)[] = [];
  const store = createServer((_, response) => {
    polls += 1;
    response.writeHead(200).end(sdl);
    for (const resolve of later.splice(0)) resolve();
  });
  await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
  t.teardown(() => store.close());
  const { port } = store.address() as AddressInfo;
  const nextPoll = () => new Promise<void>((resolve) => later.push(resolve));
  const cwd = t.testdir({
    'castellan.config.ts': `import { defineConfig } from '${new URL('../../../gateway/settings.ts', import.meta.url).href}';
export default defineConfig({ plugins: [], supergraph: { pollSeconds: 1 } });\n`,
  });
  const { url, primary, pids } = await startWorkers(
    3,
    ['--supergraph', `http://127.0.0.1:${port}/`],
    { cwd },
  );
  t.teardown(() => primary.stop());
  const all = await pids(3);
  const atStart = polls;
  await nextPoll();
  await nextPoll();
  t.ok(polls - atStart <= 3, `${polls - atStart} polls, not three times as many`);
  const served = primary.whenOutput(times('a new supergraph is served', 3));
  sdl = version('second');
  await served;
  t.same(await whoKnows(url, all, 'second'), all);
});
