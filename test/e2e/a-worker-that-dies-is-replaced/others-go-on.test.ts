import t from 'tap';
import { startHeldSubgraph } from '#test/support/held-subgraph.ts';
import { askAnew, startWorkers, withOnly } from '#test/support/running-workers.ts';

const query = 'query Held($n: Int) { hello(n: $n) }';
const EACH = 5;

t.test(
  'kill -9 of a worker: what others have under way is answered, and a new one serves',
  async (t) => {
    const subgraph = await startHeldSubgraph(t);
    const { url, primary, pids } = await startWorkers(2, ['--supergraph', subgraph.file]);
    t.teardown(() => primary.stop());
    const both = await pids(2);
    const [victim = 0, other = 0] = both;

    const askFrom = (first: number) =>
      Promise.allSettled(
        Array.from({ length: EACH }, (_, n) => askAnew(url, query, { n: first + n })),
      );
    const { lost } = await withOnly(victim, both, async () => {
      const answers = askFrom(0);
      await subgraph.called(EACH);
      return { lost: answers };
    });
    const { kept } = await withOnly(other, both, async () => {
      const answers = askFrom(EACH);
      await subgraph.called(2 * EACH);
      // With the victim standing still, and dying like that: whoever connects now is not to be lost with it.
      process.kill(victim, 'SIGKILL');
      return { kept: answers };
    });
    const after = askFrom(2 * EACH);
    await subgraph.called(3 * EACH);
    subgraph.letGo();

    t.ok(
      (await lost).every(({ status }) => status === 'rejected'),
      'these were in the one that died',
    );
    for (const settled of [...(await kept), ...(await after)]) {
      t.equal(settled.status, 'fulfilled');
      t.match(settled, { value: { status: 200, data: { hello: 'there' } } });
    }
    const [replacement = 0] = await pids(1, both);
    t.not(replacement, victim);
    const answer = await withOnly(replacement, [other, replacement], () =>
      askAnew(url, '{ hello }'),
    );
    t.same(answer.data, { hello: 'there' }, 'the new one takes requests, at the same port');
    t.match(primary.output(), /"msg":"a worker ended \(SIGKILL\); another one is started"/);
    t.equal(await primary.stop(), 0);
  },
);

t.test('all workers die at once: the same port is served again', async (t) => {
  const subgraph = await startHeldSubgraph(t);
  subgraph.letGo();
  const { url, primary, pids } = await startWorkers(2, ['--supergraph', subgraph.file]);
  t.teardown(() => primary.stop());
  const both = await pids(2);
  for (const pid of both) process.kill(pid, 'SIGKILL');
  await pids(2, both);
  t.same((await askAnew(url, '{ hello }')).data, { hello: 'there' });
});

t.test('SIGTERM to one worker: it answers what it has, ends, and is replaced', async (t) => {
  const subgraph = await startHeldSubgraph(t);
  const { url, primary, pids } = await startWorkers(2, ['--supergraph', subgraph.file]);
  t.teardown(() => primary.stop());
  const both = await pids(2);
  const [told = 0] = both;
  const { answer } = await withOnly(told, both, async () => {
    const answer = askAnew(url, '{ hello }');
    await subgraph.called(1);
    return { answer };
  });
  const draining = primary.printed('"msg":"SIGTERM: finishing the requests in flight"');
  process.kill(told, 'SIGTERM');
  await draining;
  subgraph.letGo();
  t.same((await answer).data, { hello: 'there' });
  await pids(1, both);
  t.match(primary.output(), /"msg":"a worker ended \(exit code 0\); another one is started"/);
});
