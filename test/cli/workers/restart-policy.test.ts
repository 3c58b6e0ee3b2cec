import t from 'tap';
import { RestartPolicy } from '#cli/workers/restart-policy.ts';

const policy = () => new RestartPolicy({ maxRestarts: 5, steadySeconds: 10, maxBackoffMs: 500 });

t.test(
  'one that dies again and again is given longer and longer, then no further try',
  async (t) => {
    const place = policy();
    const pauses = Array.from({ length: 7 }, () => place.pauseAfterDeath(0));
    t.same(pauses, [0, 100, 200, 400, 500, null, null]);
  },
);

t.test('one that has served well is replaced at once, however many died before it', async (t) => {
  const place = policy();
  for (let death = 0; death < 5; death += 1) place.pauseAfterDeath(9_999);
  t.equal(place.pauseAfterDeath(10_000), 0);
  t.equal(place.pauseAfterDeath(0), 100);
  for (let death = 0; death < 100; death += 1) t.equal(place.pauseAfterDeath(60_000), 0);
});
