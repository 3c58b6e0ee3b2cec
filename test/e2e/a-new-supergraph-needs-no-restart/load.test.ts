import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { startTwoVersions } from '#test/gateway/supergraph/support/two-versions.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const SWAPS = 50;
const AT_ONCE = 20;

t.test('50 swaps under load: no request fails, and nothing of the old ones stays', async (t) => {
  const graph = await startTwoVersions(t);
  const { supergraph } = graph.app.castellan;
  const expected = { data: { me: { id: '1', name: 'Ann', posts: [{ title: 'One' }] } } };
  const old: WeakRef<object>[] = [];
  let isOver = false;
  let answered = 0;
  let most = 0;
  const wrong: unknown[] = [];
  const keepAsking = async (): Promise<void> => {
    while (!isOver) {
      const answer = await graph.ask('query Hot { me { id name posts { title } } }');
      answered += 1;
      if (JSON.stringify(answer) !== JSON.stringify(expected)) wrong.push(answer);
    }
  };
  const load = Array.from({ length: AT_ONCE }, keepAsking);
  for (let swap = 0; swap < SWAPS; swap += 1) {
    old.push(new WeakRef(supergraph.served), new WeakRef(supergraph.served.schema));
    const outcome = await supergraph.replace(swap % 2 === 0 ? graph.after : graph.before);
    if (outcome.kind !== 'swapped') wrong.push(outcome);
    most = Math.max(most, supergraph.generations);
    // Some requests begin with each of them.
    await graph.ask('{ me { id } }');
  }
  isOver = true;
  await Promise.all(load);

  t.same(wrong, []);
  t.ok(answered > SWAPS, `${answered} requests`);
  t.equal(supergraph.swaps, SWAPS);
  t.equal(supergraph.generations, 1);
  t.ok(most <= 3, `at most ${most} were alive at once`);
  t.ok(graph.connections() <= 2 * AT_ONCE, 'connections are those of the last one');
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  const alive = old.filter((each) => each.deref() !== undefined).length;
  t.ok(alive <= 2, `${alive} of ${old.length} are still in memory`);
});
