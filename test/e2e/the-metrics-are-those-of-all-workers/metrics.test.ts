import t from 'tap';
import { startHeldSubgraph } from '#test/support/held-subgraph.ts';
import { askAnew, startWorkers, withOnly } from '#test/support/running-workers.ts';

/** All that stands in the metrics, by series. */
async function readMetrics(url: string): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`${url}/metrics`, { headers: { connection: 'close' } });
  const lines = (await response.text()).split('\n').filter((line) => /^[a-z]/.test(line));
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1)),
    ]),
  );
}

const OPERATIONS = 'castellan_operations_total{kind="query",outcome="OK"}';
const SECONDS = 'castellan_operation_duration_seconds_count{kind="query"}';

t.test('whichever worker is asked, it answers for all, and no counter ever falls', async (t) => {
  const subgraph = await startHeldSubgraph(t);
  subgraph.letGo();
  const { url, primary, pids } = await startWorkers(2, ['--supergraph', subgraph.file]);
  t.teardown(() => primary.stop());
  const both = await pids(2);
  const [victim = 0, other = 0] = both;
  const askOf = (pid: number, times: number) =>
    withOnly(pid, both, async () => {
      for (let n = 0; n < times; n += 1) await askAnew(url, '{ hello }');
    });
  await askOf(victim, 3);
  await askOf(other, 4);

  for (let reading = 0; reading < 4; reading += 1) {
    const metrics = await readMetrics(url);
    t.equal(metrics.get(OPERATIONS), 7);
    t.equal(metrics.get(SECONDS), 7, 'histograms too');
    t.equal(metrics.get('castellan_workers'), 2);
    t.equal(metrics.get('castellan_worker_starts_total'), 2);
    t.ok((metrics.get('process_resident_memory_bytes') ?? 0) > 0);
  }

  process.kill(victim, 'SIGKILL');
  await primary.whenOutput((output) => output.includes('another one is started') || undefined);
  const between = await readMetrics(url);
  t.ok((between.get(OPERATIONS) ?? 0) >= 7, 'what the dead one had counted stays');

  const [replacement = 0] = await pids(1, both);
  const after = await readMetrics(url);
  t.equal(after.get(OPERATIONS), 7);
  t.equal(after.get('castellan_workers'), 2);
  t.equal(after.get('castellan_worker_starts_total'), 3);
  await withOnly(replacement, [other, replacement], () => askAnew(url, '{ hello }'));
  t.equal((await readMetrics(url)).get(OPERATIONS), 8);
});

t.test(
  'a worker that cannot answer delays nobody for long: its last numbers stand in',
  async (t) => {
    const subgraph = await startHeldSubgraph(t);
    subgraph.letGo();
    const { url, primary, pids } = await startWorkers(2, ['--supergraph', subgraph.file]);
    t.teardown(() => primary.stop());
    const both = await pids(2);
    const [first = 0] = both;
    await askAnew(url, '{ hello }');
    t.equal((await readMetrics(url)).get(OPERATIONS), 1);
    const metrics = await withOnly(first, both, () => readMetrics(url));
    t.equal(metrics.get(OPERATIONS), 1);
    t.equal(metrics.get('castellan_workers'), 1, 'what is measured is of those that answer');
  },
);
