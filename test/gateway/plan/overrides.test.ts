import { parse } from 'graphql';
import t from 'tap';
import { readOverrides } from '#gateway/plan/overrides.ts';
import { compose } from '#test/support/compose.ts';

const override = (label: string): string => `@override(from: "one", label: "${label}")`;
const supergraph = parse(
  compose({
    one: 'type Query { a: Int b: Int c: Int d: Int e: Int f: Int }',
    two: `type Query {
      a: Int ${override('percent(0)')} b: Int ${override('percent(12.5)')}
      c: Int ${override('percent(60)')} d: Int ${override('percent(100)')}
      e: Int ${override('percent(60)')} f: Int ${override('beta')}
    }`,
  }),
);

/** What is drawn with this number from [0, 1). */
const drawAt = (random: number, labels: readonly string[] = []) =>
  readOverrides(supergraph, labels, () => random).draw();

t.test('one number decides all percentages', async (t) => {
  const all = ['percent(100)', 'percent(12.5)', 'percent(60)'];
  for (const random of [0, 0.1249]) t.same([...drawAt(random).labels].sort(), all);
  for (const random of [0.125, 0.5999]) {
    t.same([...drawAt(random).labels].sort(), ['percent(100)', 'percent(60)']);
  }
  for (const random of [0.6, 0.9999]) t.same([...drawAt(random).labels], ['percent(100)']);
});

t.test('the number of an outcome says the same as its labels', async (t) => {
  for (const random of [0, 0.125, 0.6]) {
    const { labels, percentage } = drawAt(random);
    for (const threshold of [0, 12.5, 60, 100]) {
      t.equal(labels.has(`percent(${threshold})`), percentage < threshold);
    }
  }
});

t.test('each outcome is one object, so that it can be a key', async (t) => {
  const drawn = [0.7, 0.3, 0, 0.8, 0.2, 0.1, 0.9];
  const overrides = readOverrides(supergraph, [], () => drawn.pop() ?? 0);
  t.equal(overrides.outcomes.length, 3);
  const outcomes = Array.from({ length: drawn.length }, () => overrides.draw());
  t.equal(new Set(outcomes).size, 3);
  t.ok(outcomes.every((outcome) => overrides.outcomes.includes(outcome)));
});

t.test('0 and 100 percent leave nothing to draw', async (t) => {
  const certain = compose({
    one: 'type Query { a: Int b: Int c: Int }',
    two: `type Query { a: Int ${override('percent(0)')} b: Int ${override('percent(100)')} }`,
  });
  const overrides = readOverrides(parse(certain), [], () => {
    throw new Error('it draws');
  });
  t.equal(overrides.outcomes.length, 1);
  t.same([...overrides.draw().labels], ['percent(100)']);
});

t.test('a named label is in force when it is told to be', async (t) => {
  t.notOk(drawAt(0.5).labels.has('beta'));
  t.ok(drawAt(0.5, ['beta']).labels.has('beta'));
});
