import t from 'tap';
import type { Credential } from '#contract/identity.ts';
import { CallerCache, type CallerCacheOptions } from '#plugins/auth/caller-cache.ts';
import type { Verdict } from '#plugins/auth/lease.ts';
import { ManualClock } from './support/manual-clock.ts';
import { MemoryIdentity } from './support/memory-identity.ts';

const defaults: CallerCacheOptions = {
  maxEntries: 100,
  maxNegativeEntries: 100,
  entrySeconds: 5,
  negativeSeconds: 5,
  maxConcurrentLookups: 1_000,
  lookupTimeoutMs: 5_000,
  leaseSeconds: 2,
};

/** A lease that says what a test has it say. */
class GivenLease {
  verdict: Verdict = 'use';

  judge(): Verdict {
    return this.verdict;
  }

  saw(): void {}
}

function setUp(options: Partial<CallerCacheOptions> = {}) {
  const identity = new MemoryIdentity();
  const clock = new ManualClock();
  const failures: unknown[] = [];
  const lease = new GivenLease();
  const parts = {
    identity,
    lease,
    clock,
    onFailure: (error: unknown) => failures.push(error),
  };
  const cache = new CallerCache(parts, { ...defaults, ...options });
  identity.add('alice');
  return { identity, clock, failures, cache, lease };
}

const key = (text: string): Credential => ({ kind: 'key', text });

/** A promise that a test settles itself. */
function gate() {
  return Promise.withResolvers<void>();
}

t.test('a thousand concurrent cold requests with one credential are one look-up', async (t) => {
  const { cache, identity } = setUp();
  const callers = await Promise.all(
    Array.from({ length: 1_000 }, () => cache.callerOf(key('alice'))),
  );
  t.equal(identity.asked.length, 1);
  t.equal(new Set(callers).size, 1, 'and all get the same caller');
  t.match(callers[0], { subject: 'user_1' });
});

t.test('a known caller is there at once, without a promise', async (t) => {
  const { cache, identity } = setUp();
  const first = await cache.callerOf(key('alice'));
  t.equal(cache.callerOf(key('alice')), first);
  t.equal(identity.asked.length, 1);
});

t.test('a session and a key of the same text are two credentials', async (t) => {
  const { cache, identity } = setUp();
  await cache.callerOf(key('alice'));
  await cache.callerOf({ kind: 'session', text: 'alice' });
  t.equal(identity.asked.length, 2);
});

t.test(
  'a caller is believed for entrySeconds from the moment of asking, not of the answer',
  async (t) => {
    const { cache, identity, clock } = setUp();
    const { promise, resolve } = gate();
    identity.gate = promise;
    const asked = cache.callerOf(key('alice'));
    clock.advance(4_000);
    resolve();
    await asked;
    clock.advance(999);
    await cache.callerOf(key('alice'));
    t.equal(identity.asked.length, 1);
    clock.advance(1);
    await cache.callerOf(key('alice'));
    t.equal(identity.asked.length, 2);
  },
);

t.test('who is asked about again stays the same object while nothing has changed', async (t) => {
  const { cache, identity, clock } = setUp();
  const first = await cache.callerOf(key('alice'));
  clock.advance(5_000);
  identity.sequence += 1;
  identity.add('alice');
  t.equal(await cache.callerOf(key('alice')), first);
  t.equal(identity.asked.length, 2);
  clock.advance(5_000);
  identity.add('alice', { project: 'another' });
  t.not(await cache.callerOf(key('alice')), first);
  clock.advance(5_000);
  identity.remove('alice');
  t.equal(await cache.callerOf(key('alice')), null);
});

t.test('the wall clock does not make a caller live longer', async (t) => {
  const { cache, identity, clock } = setUp();
  await cache.callerOf(key('alice'));
  clock.advance(5_000);
  clock.setWall(0);
  await cache.callerOf(key('alice'));
  t.equal(identity.asked.length, 2);
});

t.test('a caller is not believed beyond the end of the credential', async (t) => {
  const { cache, identity, clock } = setUp();
  identity.add('alice', { expiresAt: clock.now() + 2_000 });
  t.ok(await cache.callerOf(key('alice')));
  clock.advance(1_999);
  t.ok(cache.callerOf(key('alice')));
  clock.advance(1);
  t.equal(await cache.callerOf(key('alice')), null, 'even if identity still says so');
});

t.test('an unknown credential is remembered as nobody’s for negativeSeconds', async (t) => {
  const { cache, identity, clock } = setUp({ negativeSeconds: 3 });
  t.equal(await cache.callerOf(key('mallory')), null);
  t.equal(cache.callerOf(key('mallory')), null);
  t.equal(identity.asked.length, 1);
  clock.advance(3_000);
  t.equal(await cache.callerOf(key('mallory')), null);
  t.equal(identity.asked.length, 2);
});

t.test('made-up credentials push out no caller, and only so many are remembered', async (t) => {
  const { cache, identity } = setUp({ maxEntries: 1, maxNegativeEntries: 10 });
  await cache.callerOf(key('alice'));
  for (let index = 0; index < 11; index += 1) await cache.callerOf(key(`made-up-${index}`));
  t.equal(identity.asked.length, 12);
  t.ok(!(cache.callerOf(key('alice')) instanceof Promise), 'the caller is still known');
  t.equal(cache.callerOf(key('made-up-10')), null, 'the last refusal is known');
  await cache.callerOf(key('made-up-0'));
  t.equal(identity.asked.length, 13, 'the first refusal was forgotten');
});

t.test('an event of anything that a caller has ends what is known of it, at once', async (t) => {
  for (const [touches, id] of [
    ['credential', 'key_1'],
    ['subject', 'user_1'],
    ['organization', 'org_1'],
    ['project', 'proj_1'],
    ['environment', 'env_1'],
  ] as const) {
    const { cache, identity } = setUp();
    identity.add('alice', { organization: 'org_1', project: 'proj_1', environment: 'env_1' });
    identity.add('bob', { subject: 'user_2', credentialId: 'key_2', organization: 'org_2' });
    await cache.callerOf(key('alice'));
    const bob = await cache.callerOf(key('bob'));
    identity.remove('alice');
    identity.emit(touches, id);
    t.equal(await cache.callerOf(key('alice')), null, touches);
    t.equal(cache.callerOf(key('bob')), bob, 'and nothing about others');
    t.equal(cache.callerOf(key('bob')), bob, 'the second time too');
  }
});

t.test('an event ends what is known of nobodies: a credential may have come to life', async (t) => {
  const { cache, identity } = setUp();
  t.equal(await cache.callerOf(key('carol')), null);
  identity.add('carol');
  identity.emit('credential', 'key_3');
  t.ok(await cache.callerOf(key('carol')));
});

t.test('a look-up that began before the revocation lets in nobody who asks after it', async (t) => {
  const { cache, identity } = setUp();
  const { promise, resolve } = gate();
  identity.gate = promise;
  const before = cache.callerOf(key('alice'));
  identity.remove('alice');
  identity.emit('credential', 'key_1');
  identity.gate = null;
  const after = [1, 2, 3].map(() => cache.callerOf(key('alice')));
  const checked = cache.recheck(key('alice'));
  resolve();
  t.ok(await before, 'the request that came before it gets the old answer');
  t.same(await Promise.all(after), [null, null, null], 'who asks after it gets a new one');
  t.equal(await checked, null);
  t.equal(identity.asked.length, 2, 'together');
  t.equal(await cache.callerOf(key('alice')), null, 'and the old one is not kept');
});

t.test('an event about others has nobody asked about twice', async (t) => {
  const { cache, identity } = setUp();
  const { promise, resolve } = gate();
  identity.gate = promise;
  const before = cache.callerOf(key('alice'));
  identity.emit('subject', 'user_2');
  identity.emit('credential', 'key_2');
  const after = cache.callerOf(key('alice'));
  resolve();
  t.ok(await before);
  t.equal(await after, await before);
  t.equal(cache.callerOf(key('alice')), await before);
  t.equal(identity.asked.length, 1);
});

t.test('an event that the answer knows of already has nobody asked about twice', async (t) => {
  const { cache, identity } = setUp();
  const { promise, resolve } = gate();
  // The store is ahead of what we were told of it.
  identity.sequence = 8;
  identity.gate = promise;
  const before = cache.callerOf(key('alice'));
  identity.sequence = 6;
  identity.emit('credential', 'key_1');
  identity.emit('subject', 'user_1');
  const after = cache.callerOf(key('alice'));
  resolve();
  t.equal(await after, await before);
  t.equal(cache.callerOf(key('alice')), await before);
  t.equal(identity.asked.length, 1);
  identity.emit('subject', 'user_1');
  await cache.callerOf(key('alice'));
  t.equal(identity.asked.length, 2, 'one that it does not know of does');
});

t.test('a refusal is shared after an event only when it knew of it', async (t) => {
  const { cache, identity } = setUp();
  const { promise, resolve } = gate();
  identity.gate = promise;
  const before = cache.callerOf(key('carol'));
  identity.add('carol');
  identity.emit('credential', 'key_3');
  const after = cache.callerOf(key('carol'));
  resolve();
  t.equal(await before, null);
  t.ok(await after);
});

t.test('a look-up that fails fails for those too who asked after an event', async (t) => {
  const { cache, identity } = setUp();
  const { promise, resolve } = gate();
  identity.gate = promise;
  const before = cache.callerOf(key('alice'));
  identity.emit('credential', 'key_1');
  const after = [cache.callerOf(key('alice')), cache.recheck(key('alice'))];
  identity.isDown = true;
  resolve();
  for (const each of [before, ...after]) {
    await t.rejects(async () => each, { code: 'IDENTITY_UNAVAILABLE' });
  }
});

t.test('nobody who asks after a reset waits for a look-up from before it', async (t) => {
  const { cache, identity } = setUp();
  const { promise, resolve } = gate();
  identity.gate = promise;
  const before = cache.callerOf(key('alice'));
  identity.remove('alice');
  identity.reset(0);
  identity.gate = null;
  t.equal(await cache.callerOf(key('alice')), null);
  resolve();
  t.ok(await before);
});

t.test('a refusal that was on its way when something changed is not kept', async (t) => {
  const { cache, identity } = setUp();
  const { promise, resolve } = gate();
  identity.gate = promise;
  const before = cache.callerOf(key('carol'));
  identity.add('carol');
  identity.emit('credential', 'key_3');
  resolve();
  t.equal(await before, null);
  t.ok(await cache.callerOf(key('carol')));
});

t.test('an answer as of before the last event of its caller is not kept', async (t) => {
  const { cache, identity } = setUp();
  identity.sequence = 7;
  identity.emit('subject', 'user_1');
  identity.sequence = 7;
  await cache.callerOf(key('alice'));
  await cache.callerOf(key('alice'));
  t.equal(identity.asked.length, 2);
  identity.sequence = 8;
  await cache.callerOf(key('alice'));
  await cache.callerOf(key('alice'));
  t.equal(identity.asked.length, 3, 'one as of that event is');
});

t.test('a failure is IDENTITY_UNAVAILABLE for all who wait, told once, and not kept', async (t) => {
  const { cache, identity, failures } = setUp();
  identity.isDown = true;
  const waiting = [1, 2, 3].map(async () => cache.callerOf(key('alice')));
  for (const one of waiting) await t.rejects(one, { code: 'IDENTITY_UNAVAILABLE' });
  t.equal(failures.length, 1);
  identity.isDown = false;
  t.ok(await cache.callerOf(key('alice')));
});

t.test('a known caller goes on being served while identity is down, under a lease', async (t) => {
  const { cache, identity, clock, lease } = setUp();
  const alice = await cache.callerOf(key('alice'));
  identity.isDown = true;
  t.equal(cache.callerOf(key('alice')), alice, 'without asking');
  clock.advance(5_000);
  t.equal(await cache.callerOf(key('alice')), alice, 'when it was time to ask again');
  lease.verdict = 'ask-first';
  t.equal(await cache.callerOf(key('alice')), alice, 'when the feed is behind');
  await t.rejects(cache.recheck(key('alice')), { code: 'IDENTITY_UNAVAILABLE' });
  lease.verdict = 'ask';
  await t.rejects(async () => cache.callerOf(key('alice')), { code: 'IDENTITY_UNAVAILABLE' });
});

t.test('who was touched is not served without an answer, whatever the lease', async (t) => {
  const { cache, identity } = setUp();
  await cache.callerOf(key('alice'));
  identity.isDown = true;
  identity.emit('subject', 'user_1');
  await t.rejects(async () => cache.callerOf(key('alice')), { code: 'IDENTITY_UNAVAILABLE' });
});

t.test('without a lease identity is asked each time, once for all who ask together', async (t) => {
  const { cache, identity, lease } = setUp();
  for (const verdict of ['ask', 'ask-first'] as const) {
    lease.verdict = verdict;
    const before = identity.asked.length;
    await Promise.all([1, 2, 3].map(async () => cache.callerOf(key('alice'))));
    await cache.callerOf(key('alice'));
    t.equal(identity.asked.length - before, 2, verdict);
  }
});

t.test('nobody joins a look-up that began longer ago than a lease lasts', async (t) => {
  const { cache, identity, clock } = setUp();
  const { promise, resolve } = gate();
  identity.gate = promise;
  const early = cache.callerOf(key('alice'));
  clock.advance(1_999);
  t.equal(cache.callerOf(key('alice')), early);
  clock.advance(1);
  const late = cache.callerOf(key('alice'));
  t.not(late, early);
  resolve();
  await Promise.all([early, late]);
  t.equal(identity.asked.length, 2);
});

t.test('after a reset everybody is asked about again, and what is newer is kept', async (t) => {
  const { cache, identity } = setUp();
  identity.sequence = 100;
  await cache.callerOf(key('alice'));
  await cache.callerOf(key('mallory'));
  const { promise, resolve } = gate();
  identity.gate = promise;
  const under = cache.callerOf(key('carol'));
  identity.add('carol');
  // A store that was restored from a backup counts from an earlier number on.
  identity.reset(90);
  identity.gate = null;
  resolve();
  t.equal(await under, null);
  const before = identity.asked.length;
  for (const text of ['alice', 'mallory', 'carol']) {
    await cache.callerOf(key(text));
    await cache.callerOf(key(text));
  }
  t.equal(identity.asked.length - before, 3);
});

t.test('a bug in identity is no 401 either', async (t) => {
  const { cache, identity } = setUp();
  identity.resolve = () => {
    throw new TypeError('a bug');
  };
  await t.rejects(async () => cache.callerOf(key('alice')), { code: 'IDENTITY_UNAVAILABLE' });
});

t.test(
  'a look-up that takes too long is given up, and what it says later is ignored',
  async (t) => {
    const { cache, identity } = setUp({ lookupTimeoutMs: 10 });
    const { promise, resolve } = gate();
    identity.gate = promise;
    await t.rejects(async () => cache.callerOf(key('alice')), { code: 'IDENTITY_UNAVAILABLE' });
    identity.gate = null;
    resolve();
    await promise;
    identity.remove('alice');
    t.equal(await cache.callerOf(key('alice')), null);
  },
);

t.test('only so many credentials are looked up at once', async (t) => {
  const { cache, identity } = setUp({ maxConcurrentLookups: 2 });
  const { promise, resolve } = gate();
  identity.gate = promise;
  const first = [cache.callerOf(key('alice')), cache.callerOf(key('mallory'))];
  await t.rejects(async () => cache.callerOf(key('carol')), { code: 'IDENTITY_UNAVAILABLE' });
  t.equal(cache.callerOf(key('alice')), first[0], 'who waits for the same one may');
  resolve();
  await Promise.all(first);
  t.equal(await cache.callerOf(key('carol')), null);
});

t.test('a closed cache listens to identity no more', async (t) => {
  const { cache, identity } = setUp();
  t.equal(identity.listeners, 1);
  cache.close();
  t.equal(identity.listeners, 0);
});

t.test(
  'an answer that says how long it holds is kept so long, and not asked for again',
  async (t) => {
    const { cache, identity, clock } = setUp();
    const plain = identity.resolve.bind(identity);
    identity.resolve = async (credential) => {
      const resolution = await plain(credential);
      return resolution.active ? { ...resolution, believedForMs: 60_000 } : resolution;
    };
    const token: Credential = { kind: 'jwt', text: 'alice' };
    const caller = await cache.callerOf(token);
    clock.advance(59_999);
    t.equal(await cache.callerOf(token), caller);
    t.equal(await cache.recheck(token), caller, 'not for what goes on either');
    t.equal(identity.asked.length, 1);
    identity.remove('alice');
    clock.advance(1);
    t.equal(await cache.recheck(token), null);
    identity.add('alice', { expiresAt: clock.now() + 10 });
    clock.advance(5_000);
    t.equal(await cache.callerOf(token), null, 'and never beyond the end of the credential');
  },
);
