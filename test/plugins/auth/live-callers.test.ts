import { getEventListeners } from 'node:events';
import { fastify } from 'fastify';
import t, { type Test } from 'tap';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import type { CodedError } from '#contract/errors.ts';
import type { Credential } from '#contract/identity.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import { admitConnection } from '#plugins/auth/admit-connection.ts';
import { CallerCache } from '#plugins/auth/caller-cache.ts';
import { LiveCallers } from '#plugins/auth/live-callers.ts';
import { createPublicEnvironment } from '#plugins/auth/public-environment.ts';
import { sessionCookie } from '#plugins/auth/session-cookie.ts';
import { watchSubscription } from '#plugins/auth/watch-subscription.ts';
import { ManualClock } from './support/manual-clock.ts';
import { MemoryIdentity } from './support/memory-identity.ts';

const ann: Credential = { kind: 'key', text: 'ann' };
const bob: Credential = { kind: 'key', text: 'bob' };

function start(t: Test, liveCheckSeconds = 5) {
  const clock = new ManualClock();
  const identity = new MemoryIdentity();
  const lease = { judge: () => 'use' as const, saw: () => undefined, leftMs: () => leftMs };
  let leftMs = 2_000;
  const callers = new CallerCache(
    { identity, lease, clock, onFailure: () => undefined },
    {
      maxEntries: 1_000,
      maxNegativeEntries: 1_000,
      entrySeconds: 5,
      negativeSeconds: 5,
      maxConcurrentLookups: 100,
      lookupTimeoutMs: 1_000,
      leaseSeconds: 2,
    },
  );
  const live = new LiveCallers(
    { callers, identity, lease, clock },
    { liveCheckSeconds, liveGraceSeconds: 60 },
  );
  t.teardown(() => {
    live.close();
    callers.close();
  });
  identity.add('ann', { credentialId: 'key_ann', subject: 'user_ann' });
  identity.add('bob', { credentialId: 'key_bob', subject: 'user_bob' });
  return {
    clock,
    identity,
    callers,
    live,
    /** As when nothing is heard of identity. */
    endLease() {
      leftMs = 0;
    },
    /** Something that goes on in the name of whoever this credential is. */
    async begin(credential: Credential) {
      const caller = await callers.callerOf(credential);
      if (caller === null || caller.kind === 'elsewhere') throw new Error('nobody has it');
      const subscription = new Subscription();
      live.watch(subscription, caller, credential);
      return subscription;
    },
  };
}

class Subscription {
  readonly #ended = new AbortController();
  readonly ended = this.#ended.signal;
  readonly reason = Promise.withResolvers<string>();
  code: string | null = null;

  end({ code }: CodedError): void {
    if (this.code !== null) return;
    this.code = code;
    this.reason.resolve(code);
    this.close();
  }

  close(): void {
    this.#ended.abort();
  }
}

/** Lets what needs no I/O happen. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

t.test('a revoked credential ends what goes on with it, and nothing else', async (t) => {
  const { identity, live, begin } = start(t);
  const [first, second, other] = [await begin(ann), await begin(ann), await begin(bob)];
  await turn();
  identity.remove('ann');
  identity.emit('credential', 'key_ann');
  t.same(await Promise.all([first.reason.promise, second.reason.promise]), [
    'UNAUTHENTICATED',
    'UNAUTHENTICATED',
  ]);
  t.equal(other.code, null);
  t.equal(live.count, 1);
});

t.test('a change that leaves everything as it was ends nothing', async (t) => {
  const { identity, begin } = start(t);
  const subscription = await begin(ann);
  await turn();
  const before = identity.asked.length;
  identity.emit('subject', 'user_ann');
  identity.emit('credential', 'key_somebody');
  await turn();
  t.equal(identity.asked.length, before + 1, 'asked again, about whom it was');
  t.equal(subscription.code, null);
});

t.test('rights that have changed end it, so that it begins anew with the new ones', async (t) => {
  const { identity, begin } = start(t);
  const subscription = await begin(ann);
  identity.add('ann', {
    credentialId: 'key_ann',
    subject: 'user_ann',
    permissions: permissionsOf(['write:all']),
  });
  identity.emit('subject', 'user_ann');
  t.equal(await subscription.reason.promise, 'FORBIDDEN');
});

t.test('an event of anything that a caller has is heard', async (t) => {
  for (const [touches, id] of [
    ['credential', 'key_ann'],
    ['subject', 'user_ann'],
    ['organization', 'org_1'],
    ['project', 'proj_1'],
    ['environment', 'env_1'],
  ] as const) {
    const { identity, begin } = start(t);
    identity.add('ann', {
      credentialId: 'key_ann',
      subject: 'user_ann',
      organization: 'org_1',
      project: 'proj_1',
      environment: 'env_1',
    });
    const subscription = await begin(ann);
    await turn();
    identity.remove('ann');
    identity.emit(touches, id);
    t.equal(await subscription.reason.promise, 'UNAUTHENTICATED', touches);
  }
});

t.test('a reset has everybody asked about, so many at a time', async (t) => {
  const { identity, begin } = start(t);
  const subscriptions: Subscription[] = [];
  for (let index = 0; index < 200; index += 1) {
    identity.add(`key ${index}`, { credentialId: `key_${index}`, subject: `user_${index}` });
    subscriptions.push(await begin({ kind: 'key', text: `key ${index}` }));
  }
  await turn();
  for (let index = 0; index < 200; index += 1) identity.remove(`key ${index}`);
  const gate = Promise.withResolvers<void>();
  identity.gate = gate.promise;
  const before = identity.asked.length;
  identity.reset(0);
  t.equal(identity.asked.length - before, 64);
  gate.resolve();
  const reasons = await Promise.all(subscriptions.map(({ reason }) => reason.promise));
  t.same(new Set(reasons), new Set(['UNAUTHENTICATED']));
});

t.test('while no lease runs it is asked about more often', async (t) => {
  const { identity, clock, live, begin, endLease } = start(t, 60);
  const subscription = await begin(ann);
  await turn();
  identity.remove('ann');
  const { length } = identity.asked;
  clock.advance(5_000);
  live.sweep();
  t.equal(identity.asked.length, length);
  endLease();
  live.sweep();
  t.equal(await subscription.reason.promise, 'UNAUTHENTICATED');
});

t.test('an event while identity is asked is not missed', async (t) => {
  const { identity, begin } = start(t);
  const subscription = await begin(ann);
  await turn();
  const gate = Promise.withResolvers<void>();
  identity.gate = gate.promise;
  identity.emit('credential', 'key_ann');
  // The answer that is on its way still says that all is well.
  identity.remove('ann');
  identity.emit('credential', 'key_ann');
  identity.gate = null;
  gate.resolve();
  t.equal(await subscription.reason.promise, 'UNAUTHENTICATED');
});

t.test('what was revoked before it began is ended', async (t) => {
  const { identity, callers, live } = start(t);
  const caller = (await callers.callerOf(ann)) as Caller;
  identity.remove('ann');
  identity.emit('credential', 'key_ann');
  const subscription = new Subscription();
  live.watch(subscription, caller, ann);
  t.equal(await subscription.reason.promise, 'UNAUTHENTICATED');
});

t.test('without an event identity is asked again in time', async (t) => {
  const { identity, clock, live, begin } = start(t);
  const subscription = await begin(ann);
  await turn();
  identity.remove('ann');
  const { length } = identity.asked;
  clock.advance(4_999);
  live.sweep();
  t.equal(identity.asked.length, length);
  clock.advance(1);
  live.sweep();
  t.equal(await subscription.reason.promise, 'UNAUTHENTICATED');
  t.equal(identity.asked.length, length + 1);
});

t.test('the end of a credential ends it, to the millisecond', async (t) => {
  const { identity, clock, live, begin } = start(t);
  identity.add('ann', { credentialId: 'key_ann', expiresAt: clock.now() + 3_000 });
  const subscription = await begin(ann);
  await turn();
  clock.advance(2_999);
  live.sweep();
  t.equal(subscription.code, null);
  clock.advance(1);
  live.sweep();
  t.equal(subscription.code, 'UNAUTHENTICATED');
});

t.test('identity that does not answer ends nothing at once, and not never', async (t) => {
  const { identity, clock, live, begin } = start(t);
  const subscription = await begin(ann);
  await turn();
  identity.isDown = true;
  for (let seconds = 5; seconds < 60; seconds += 1) {
    clock.advance(seconds === 5 ? 5_000 : 1_000);
    live.sweep();
    await turn();
  }
  t.equal(subscription.code, null, 'after 59 seconds');
  clock.advance(1_000);
  live.sweep();
  t.equal(await subscription.reason.promise, 'IDENTITY_UNAVAILABLE');
});

t.test('identity that answers again lets it go on', async (t) => {
  const { identity, clock, live, begin } = start(t);
  const subscription = await begin(ann);
  await turn();
  for (let round = 0; round < 5; round++) {
    for (const isDown of [true, false]) {
      identity.isDown = isDown;
      clock.advance(30_000);
      live.sweep();
      await turn();
    }
  }
  t.equal(subscription.code, null);
});

t.test('what has ended is forgotten, and nothing keeps listening', async (t) => {
  const { identity, live, begin, callers } = start(t);
  const subscriptions = [await begin(ann), await begin(ann), await begin(bob)];
  t.equal(live.count, 2);
  for (const subscription of subscriptions) subscription.close();
  t.equal(live.count, 0);
  for (const { ended } of subscriptions) t.equal(getEventListeners(ended, 'abort').length, 0);
  live.close();
  callers.close();
  t.equal(identity.listeners, 0);
});

t.test('what goes on without a credential ends when its environment is closed', async (t) => {
  const { identity, callers, live } = start(t);
  const open = { ...anonymousCaller, environment: 'environment_1', organization: 'org_1' };
  identity.add('environment_1', { ...open, permissions: permissionsOf(['read:all']) });
  const environment: Credential = { kind: 'environment', text: 'environment_1' };
  const cookie = sessionCookie(false);
  const ofOutside = () => null;
  const anybodyIn = createPublicEnvironment('environment_1');
  const admit = admitConnection(callers, cookie, live, ofOutside, anybodyIn, () => undefined);
  const watch = watchSubscription(cookie, live, ofOutside, anybodyIn);
  const connection = new Subscription();
  const subscription = new Subscription();
  const app = fastify();
  app.get('/', async (request) => {
    const caller = await admit(connection, {}, request);
    watch(subscription, { request, caller });
    return caller.kind;
  });
  t.equal((await app.inject('/')).body, 'anonymous');
  t.equal(await callers.callerOf(environment), await callers.callerOf(environment));
  identity.add('environment_1', { ...open, permissions: permissionsOf([]) });
  identity.emit('environment', 'environment_1');
  t.strictSame(await Promise.all([connection.reason.promise, subscription.reason.promise]), [
    'FORBIDDEN',
    'FORBIDDEN',
  ]);
  t.equal(live.count, 0);
});
