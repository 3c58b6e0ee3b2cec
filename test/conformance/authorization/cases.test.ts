import t from 'tap';
import { startCastellan } from './start-castellan.ts';
import { readSuite } from './suite/read-suite.ts';
import { runCase } from './suite/run-case.ts';

// Each case is asked twice, and there are many.
t.setTimeout(120_000);

t.test('every case of the suite passes', async (t) => {
  const suite = readSuite();
  t.ok(suite.cases.length >= 200, `${suite.cases.length} cases`);
  const castellan = await startCastellan(t, suite);
  for (const [topic, cases] of Map.groupBy(suite.cases, ({ topic }) => topic)) {
    await t.test(topic, async (t) => {
      for (const each of cases) {
        const running = await castellan.endpointFor(each);
        t.same(await runCase(running, each, suite.callers, new Set()), [], each.name);
      }
    });
  }
});
