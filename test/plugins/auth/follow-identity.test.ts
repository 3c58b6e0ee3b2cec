import { setImmediate as turn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { followIdentity } from '#plugins/auth/follow-identity.ts';
import { ManualClock } from './support/manual-clock.ts';
import { MemoryIdentity } from './support/memory-identity.ts';

/** An identity whose feed may be behind. */
class LateIdentity extends MemoryIdentity {
  told = 0;
  waitedFor: [number, number][] = [];
  arrival = Promise.withResolvers<void>();

  override get toldSequence(): number {
    return this.told;
  }

  override async toldUpTo(sequence: number, limitMs: number): Promise<boolean> {
    this.waitedFor.push([sequence, limitMs]);
    await this.arrival.promise;
    return this.told >= sequence;
  }
}

function start(t: Test) {
  const clock = new ManualClock();
  const identity = new LateIdentity();
  const failures: unknown[] = [];
  let losses = 0;
  const followed = followIdentity(
    {
      identity,
      clock,
      onFailure: (error) => failures.push(error),
      onLost() {
        losses += 1;
      },
    },
    2,
  );
  t.teardown(() => followed.close());
  const judge = (asOf: number) => followed.lease.judge(clock.monotonic(), asOf);
  return { clock, identity, failures, followed, judge, losses: () => losses };
}

t.test('what was changed is waited for, and nothing from before it is believed', async (t) => {
  const { identity, followed, judge } = start(t);
  await followed.ready();
  t.equal(judge(0), 'use');
  let isHeard = false;
  const hearing = followed.hearOf('7').then(() => {
    isHeard = true;
  });
  await turn();
  t.notOk(isHeard);
  t.equal(judge(0), 'ask');
  t.same(identity.waitedFor, [[7, 2_000]]);
  identity.told = 7;
  identity.arrival.resolve();
  await hearing;
  t.equal(judge(0), 'use');
});

t.test('when it is not told in time the answer goes on, and nothing is believed', async (t) => {
  const { identity, followed, judge } = start(t);
  await followed.ready();
  const hearing = followed.hearOf('7');
  identity.arrival.resolve();
  await hearing;
  t.equal(judge(0), 'ask');
});

t.test('what is told already, or is no number, is not waited for', async (t) => {
  const { identity, followed, judge } = start(t);
  identity.told = 7;
  identity.sequence = 7;
  await followed.ready();
  for (const header of ['7', '6', null, undefined, '', 'x', '-1', '1e9', ['9'], 9]) {
    await followed.hearOf(header);
  }
  t.same(identity.waitedFor, []);
  t.equal(judge(0), 'use');
});

t.test('a reset ends the lease, and another one is asked for', async (t) => {
  const { identity, followed, judge } = start(t);
  identity.told = 9;
  identity.sequence = 9;
  await followed.ready();
  identity.told = 4;
  identity.reset(4);
  t.equal(judge(9), 'ask');
  await turn();
  t.equal(judge(4), 'use');
});

t.test('a store that counts less than before is said to be lost', async (t) => {
  const { identity, followed, judge, losses } = start(t);
  identity.told = 9;
  identity.sequence = 9;
  await followed.ready();
  t.equal(losses(), 0);
  identity.sequence = 8;
  await followed.ready();
  t.equal(losses(), 1);
  t.equal(judge(9), 'ask');
});

t.test('a lease that is not granted is said once, until one is', async (t) => {
  const { identity, followed, failures, clock, judge } = start(t);
  await followed.ready();
  identity.isDown = true;
  for (let round = 0; round < 3; round += 1) await followed.ready();
  t.equal(failures.length, 1);
  t.equal(judge(0), 'use', 'the last one still runs');
  clock.advance(2_000);
  t.equal(judge(0), 'ask');
  identity.isDown = false;
  await followed.ready();
  t.equal(judge(0), 'use');
  identity.isDown = true;
  await followed.ready();
  t.equal(failures.length, 2);
});
