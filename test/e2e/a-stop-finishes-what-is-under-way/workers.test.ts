import t, { type Test } from 'tap';
import { startHeldSubgraph } from '#test/support/held-subgraph.ts';
import { askAnew, startWorkers, withOnly } from '#test/support/running-workers.ts';

/**
 * Two workers, each with a request under way. All of them write to the primary's output, so what waits for the
 * primary to have ended waits for the last of them.
 */
async function bothBusy(t: Test) {
  const subgraph = await startHeldSubgraph(t);
  const workers = await startWorkers(2, ['--supergraph', subgraph.file]);
  t.teardown(() => workers.primary.stop('SIGKILL'));
  const both = await workers.pids(2);
  const answers: ReturnType<typeof askAnew>[] = [];
  for (const pid of both) {
    await withOnly(pid, both, async () => {
      answers.push(askAnew(workers.url, 'query Held($n: Int) { hello(n: $n) }', { n: pid }));
      await subgraph.called(answers.length);
    });
  }
  const settled = Promise.allSettled(answers);
  return { ...workers, subgraph, both, settled };
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(
    `${signal}: what every worker has under way is answered, then all end with 0`,
    async (t) => {
      const { primary, url, subgraph, settled } = await bothBusy(t);
      const draining = primary.whenOutput(
        (output) => (output.match(/the primary says stop/g)?.length ?? 0) === 2 || undefined,
      );
      const stopped = primary.stop(signal);
      await draining;
      subgraph.letGo();
      for (const answer of await settled) t.match(answer, { value: { data: { hello: 'there' } } });
      t.equal(await stopped, 0);
      await t.rejects(askAnew(url, '{ hello }'), 'nobody listens any more');
      t.notMatch(primary.output(), 'another one is started');
    },
  );
}

t.test('a second signal ends them all at once', async (t) => {
  const { primary, settled } = await bothBusy(t);
  const draining = primary.printed('SIGTERM: finishing the requests in flight');
  process.kill(primary.pid, 'SIGTERM');
  await draining;
  process.kill(primary.pid, 'SIGTERM');
  t.equal(await primary.ended, 1);
  t.ok((await settled).every(({ status }) => status === 'rejected'));
});

t.test('Ctrl-C, which reaches every process of a terminal, ends nobody early', async (t) => {
  const { primary, subgraph, both, settled } = await bothBusy(t);
  const draining = primary.printed('SIGINT: finishing the requests in flight');
  for (const pid of [...both, primary.pid]) process.kill(pid, 'SIGINT');
  await draining;
  subgraph.letGo();
  for (const answer of await settled) t.match(answer, { value: { data: { hello: 'there' } } });
  t.equal(await primary.ended, 0);
});

t.test('the primary is killed: its workers answer what they have, and end', async (t) => {
  const { primary, url, subgraph, settled } = await bothBusy(t);
  const draining = primary.whenOutput(
    (output) => (output.match(/the primary has gone: finishing/g)?.length ?? 0) === 2 || undefined,
  );
  process.kill(primary.pid, 'SIGKILL');
  await draining;
  subgraph.letGo();
  for (const answer of await settled) t.match(answer, { value: { data: { hello: 'there' } } });
  await primary.ended;
  await t.rejects(askAnew(url, '{ hello }'), 'nobody listens any more');
});
