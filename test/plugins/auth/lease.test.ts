import fc from 'fast-check';
import t from 'tap';
import { Lease } from '#plugins/auth/lease.ts';

const LIFE_SECONDS = 2;
const LIFE_MS = LIFE_SECONDS * 1_000;

/** A lease whose feed has told up to `feed.told`. */
function setUp(told = 5) {
  const feed = { told };
  const lease = new Lease(LIFE_SECONDS, () => feed.told);
  /** Asked at one time and answered: nothing depends on when. */
  const granted = (sentAt: number, sequence: number): boolean =>
    lease.grant(lease.request(sentAt), sequence);
  return { feed, lease, granted };
}

t.test('without a lease nothing is used', async (t) => {
  const { lease } = setUp();
  t.equal(lease.judge(0, 5), 'ask');
  t.equal(lease.leftMs(0), 0);
});

t.test('a lease runs from the moment of asking, for its life and no longer', async (t) => {
  const { lease } = setUp();
  const request = lease.request(1_000);
  t.equal(lease.judge(1_500, 5), 'ask', 'asking is not having');
  lease.grant(request, 5);
  t.equal(lease.judge(2_999, 5), 'use');
  t.equal(lease.leftMs(2_999), 1);
  t.equal(lease.judge(3_000, 5), 'ask');
});

t.test('an answer that comes when its time is over grants nothing', async (t) => {
  const { lease } = setUp();
  const request = lease.request(0);
  lease.grant(request, 5);
  t.equal(lease.judge(LIFE_MS, 5), 'ask');
});

t.test('until the feed has told what the lease names, identity is asked first', async (t) => {
  const { lease, feed, granted } = setUp();
  granted(0, 5);
  granted(600, 6);
  t.equal(lease.judge(700, 5), 'ask-first', 'the earlier lease still runs');
  t.equal(lease.judge(1_999, 5), 'ask-first');
  t.equal(lease.judge(2_000, 5), 'ask', 'and the later one is worth nothing');
  feed.told = 6;
  t.equal(lease.judge(2_000, 5), 'use');
  t.equal(lease.judge(2_599, 5), 'use');
  t.equal(lease.judge(2_600, 5), 'ask');
});

t.test('what was asked for after the last event is used without the feed', async (t) => {
  const { lease, granted } = setUp(-1);
  granted(0, 6);
  t.equal(lease.judge(1, 5), 'ask');
  t.equal(lease.judge(1, 6), 'use');
  t.equal(lease.judge(LIFE_MS, 6), 'ask');
  granted(2_000, 7);
  t.equal(lease.judge(2_001, 6), 'ask', 'something happened since');
});

t.test('an answer that is overtaken by a later one changes nothing', async (t) => {
  const { lease, feed, granted } = setUp();
  const early = lease.request(0);
  granted(500, 6);
  lease.grant(early, 5);
  t.equal(lease.judge(600, 5), 'ask');
  feed.told = 6;
  t.equal(lease.judge(600, 5), 'use');
});

t.test('a store that knows less than it did is another one: nothing is used', async (t) => {
  for (const know of ['told', 'seen', 'granted'] as const) {
    const { lease, feed, granted } = setUp(100);
    granted(0, 100);
    if (know === 'told') feed.told = 101;
    if (know === 'seen') lease.saw(101);
    if (know === 'granted') granted(1, 101);
    const request = lease.request(2);
    t.equal(lease.grant(request, 100), false, know);
    t.equal(lease.judge(3, 101), 'ask');
    feed.told = 90;
    t.ok(granted(4, 90), 'after its feed began anew it is believed');
    t.equal(lease.judge(5, 90), 'use');
  }
});

t.test('what we heard of only after we asked is no sign of that', async (t) => {
  const { lease, feed } = setUp(5);
  const request = lease.request(0);
  feed.told = 7;
  t.ok(lease.grant(request, 5));
  t.equal(lease.judge(1, 5), 'use');
});

t.test('an answer to a question from before a reset says nothing', async (t) => {
  const { lease, feed } = setUp(5);
  const request = lease.request(0);
  lease.reset();
  feed.told = 3;
  t.ok(lease.grant(request, 5));
  t.equal(lease.judge(1, 5), 'ask');
});

t.test(
  'after a change of ours nothing from before it is used, even without an answer',
  async (t) => {
    const { lease, feed, granted } = setUp(5);
    granted(0, 5);
    lease.require(6, 100);
    t.equal(lease.judge(101, 5), 'ask');
    t.equal(lease.judge(101, 6), 'use');
    feed.told = 6;
    t.equal(lease.judge(101, 5), 'use');
  },
);

t.test('a number that no store has is forgotten with the next lease', async (t) => {
  const { lease, granted } = setUp(5);
  granted(0, 5);
  const before = lease.request(90);
  lease.require(1_000_000, 100);
  lease.grant(before, 5);
  t.equal(lease.judge(150, 5), 'ask', 'one that was asked for before proves nothing');
  granted(200, 5);
  t.equal(lease.judge(201, 5), 'use');
});

/**
 * A store, a feed and leases that are late, lost or out of order as chance has it: each step takes some time and
 * does one thing. What is remembered was known as of some event, and every event since was about it.
 */
const step = fc.record({
  takesMs: fc.integer({ min: 0, max: 500 }),
  does: fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom('change', 'look-up') },
    { weight: 4, arbitrary: fc.constantFrom('ask', 'read', 'answer', 'answer-last', 'tell') },
  ),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

t.test('whatever is late or lost, what has changed is used for one life at most', async (t) => {
  let outdatedUses = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 80 }), (steps) => {
      const longest = longestOutdatedUse(steps);
      if (longest !== null) outdatedUses += 1;
      return longest === null || longest < LIFE_MS;
    }),
    { numRuns: 5_000 },
  );
  t.ok(outdatedUses > 100, `what has changed is used at all: in ${outdatedUses} runs`);
});

/** How long after its change something was still used; null when it never was. */
function longestOutdatedUse(steps: readonly Step[]): number | null {
  const { lease, feed } = setUp(1);
  const changedAt = [0, 0];
  let asked: { request: ReturnType<Lease['request']>; read: number | null }[] = [];
  let now = 0;
  let known = 1;
  let longest: number | null = null;
  const answer = (each: (typeof asked)[number] | undefined): void => {
    if (each === undefined || each.read === null) return;
    lease.grant(each.request, each.read);
    asked = asked.filter((other) => other !== each);
  };
  for (const { takesMs, does } of steps) {
    now += takesMs;
    const committed = changedAt.length - 1;
    if (does === 'change') changedAt.push(now);
    if (does === 'ask') asked.push({ request: lease.request(now), read: null });
    if (does === 'read') for (const each of asked) each.read ??= committed;
    if (does === 'answer') answer(asked[0]);
    if (does === 'answer-last') answer(asked.at(-1));
    if (does === 'tell') feed.told = Math.min(feed.told + 1, committed);
    if (does === 'look-up') known = committed;
    const outdatedAt = changedAt[known + 1];
    // Whoever has been told of it does not use it; that is not for the lease to say.
    if (outdatedAt === undefined || feed.told > known || lease.judge(now, known) === 'ask')
      continue;
    longest = Math.max(longest ?? 0, now - outdatedAt);
  }
  return longest;
}
