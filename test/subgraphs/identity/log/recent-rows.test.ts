import t from 'tap';
import { RecentRows } from '#subgraphs/identity/log/recent-rows.ts';

const row = (sequence: number) => ({
  sequence,
  at: 1,
  touches: 'credential' as const,
  touched_id: `key_${sequence}`,
});
const numbers = (rows: RecentRows, after: number, limit = 100) =>
  rows.after(after, limit)?.map(({ sequence }) => sequence) ?? null;

t.test('what is held is given in order, a page at a time, from any place', async (t) => {
  const rows = new RecentRows(10);
  // Numbers that were drawn and rolled back are missing.
  rows.add([row(11), row(13), row(14)]);
  t.same(numbers(rows, 10), [11, 13, 14]);
  t.same(numbers(rows, 12), [13, 14]);
  t.same(numbers(rows, 10, 2), [11, 13]);
  t.same(numbers(rows, 14), []);
  t.same(numbers(rows, 99), [], 'also from one that is not known yet');
});

t.test('what may be missing is not passed off as nothing', async (t) => {
  const rows = new RecentRows(10, 4);
  t.equal(numbers(rows, 9), null);
  for (let sequence = 11; sequence <= 15; sequence += 1) rows.add([row(sequence)]);
  t.equal(numbers(rows, 12), null);
  t.same(numbers(rows, 13), [14, 15]);
});
