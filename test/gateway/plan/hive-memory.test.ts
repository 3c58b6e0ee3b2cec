import t from 'tap';
import { createHivePlanner } from '#gateway/plan/hive.ts';
import { compose } from '#test/support/compose.ts';

const TYPES = 400;
const PLANNERS = 50;
/** Of one of them, outside of the heap. */
const EACH_MB = 14;

const each = (field: (index: number) => string): string =>
  Array.from({ length: TYPES }, (_, index) => field(index)).join('\n');
const near = (index: number): string =>
  Array.from({ length: 10 }, (_, step) => `f${step}: T${(index + step) % TYPES}`).join(' ');

t.test(
  'planners that nobody holds any more give their memory back, without being asked',
  async (t) => {
    const sdl = compose({
      first: `type Query { ${each((n) => `t${n}: T${n}`)} }
      ${each((n) => `type T${n} @key(fields: "id") { id: ID! ${near(n)} }`)}`,
      second: each((n) => `type T${n} @key(fields: "id") { id: ID! more: String }`),
    });
    const before = process.memoryUsage.rss();
    let most = 0;
    for (let count = 0; count < PLANNERS; count += 1) {
      const planner = createHivePlanner(sdl);
      const choice = { labels: new Set<string>(), percentage: 0 };
      await planner.plan('{ t1 { f1 { more } } }', undefined, choice);
      // What frees them runs in a turn of its own.
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, process.memoryUsage.rss() - before);
    }
    const mb = Math.round(most / 1e6);
    t.ok(
      mb < (PLANNERS * EACH_MB) / 2,
      `${mb} MB at most; all of them would need ${PLANNERS * EACH_MB}`,
    );
  },
);
