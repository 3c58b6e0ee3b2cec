import t from 'tap';
import { createBatch } from '#subgraphs/kit/index.ts';

t.test('what is asked for in one turn is one call, and nothing is remembered', async (t) => {
  const calls: (readonly string[])[] = [];
  const find = createBatch(async (keys: readonly string[]) => {
    calls.push(keys);
    return new Map(keys.filter((key) => key !== 'none').map((key) => [key, key.toUpperCase()]));
  });
  t.strictSame(await Promise.all(['a', 'b', 'a', 'none'].map(find)), ['A', 'B', 'A', undefined]);
  t.equal(await find('a'), 'A');
  t.strictSame(calls, [['a', 'b', 'none'], ['a']]);
});

t.test('a key that makes the load fail fails alone', async (t) => {
  const find = createBatch(async (keys: readonly string[]) => {
    if (keys.includes('poison')) throw new Error('the store refuses the statement');
    return new Map(keys.map((key) => [key, key.toUpperCase()]));
  });
  const outcomes = await Promise.allSettled(['a', 'poison', 'b', 'poison'].map(find));
  const refused = { status: 'rejected', reason: { message: 'the store refuses the statement' } };
  t.match(outcomes, [{ value: 'A' }, refused, { value: 'B' }, refused]);
  await t.rejects(find('poison'), refused.reason);
});

t.test('a store that is down fails everybody, after two tries', async (t) => {
  let calls = 0;
  const find = createBatch(async (_keys: readonly string[]) => {
    calls += 1;
    throw new Error('down');
  });
  const outcomes = await Promise.allSettled(['a', 'b', 'c'].map(find));
  t.ok(outcomes.every(({ status }) => status === 'rejected'));
  t.equal(calls, 4);
});
