import { AggregatorRegistry, Histogram, Registry } from 'prom-client';
import t from 'tap';
import { Durations } from '#plugins/metrics/durations.ts';

const buckets = [0.001, 0.0025, 0.01, 1];
const described = { name: 'seconds', help: 'How long it took', buckets };

/** The same times in a histogram of prom-client's and in ours; some stand on a bound, some above the last. */
function both() {
  const theirs = new Registry();
  const ours = new Registry();
  const histogram = new Histogram({ ...described, labelNames: ['kind'], registers: [theirs] });
  const durations = new Durations('kind', { ...described, registers: [ours] });
  const add = (kind: string, seconds: number): void => {
    histogram.observe({ kind }, seconds);
    durations.add(kind, seconds);
  };
  return { theirs, ours, add };
}

function addSome(add: (kind: string, seconds: number) => void): void {
  for (const seconds of [0, 0.0004, 0.001, 0.0011, 0.0025, 0.3, 1, 1.1, 50]) add('query', seconds);
  for (const seconds of [0.007, 0.02]) add('a "quoted" \\ one', seconds);
}

t.test('a registry tells to the letter what prom-client tells of the same times', async (t) => {
  const { theirs, ours, add } = both();
  t.equal(await ours.metrics(), await theirs.metrics(), 'before there is any');
  addSome(add);
  t.match(await ours.metrics(), 'seconds_bucket{le="0.0025",kind="query"} 5');
  t.equal(await ours.metrics(), await theirs.metrics());
  add('query', 0.002);
  t.equal(await ours.metrics(), await theirs.metrics(), 'after it was read');
});

t.test('so do the processes of a group', async (t) => {
  const { theirs, ours, add } = both();
  addSome(add);
  const sum = async (registry: Registry): Promise<string> => {
    const json = await registry.getMetricsAsJSON();
    return AggregatorRegistry.aggregate([json, json]).metrics();
  };
  t.match(await sum(ours), 'seconds_count{kind="query"} 18');
  t.equal(await sum(ours), await sum(theirs));
});
