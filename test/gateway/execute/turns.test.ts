import t from 'tap';
import { type EventLoop, Turns } from '#gateway/execute/turns.ts';

/** An event loop whose time, busy or idle, passes when the test says so. */
class TestLoop implements EventLoop {
  #now = 0;
  #idleMs = 0;
  #callbacks: (() => void)[] = [];

  now = (): number => this.#now;
  idleMs = (): number => this.#idleMs;
  soon = (callback: () => void): void => void this.#callbacks.push(callback);

  get isLookedAt(): boolean {
    return this.#callbacks.length > 0;
  }

  /** One round: so long, of which it slept a part. */
  async round(ms: number, idleMs: number): Promise<void> {
    this.#now += ms;
    this.#idleMs += idleMs;
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    for (const callback of callbacks) callback();
    await settled();
  }
}

/** Whatever promises have led to has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Of this size eight answers are under way at once. */
const EIGHTH = 64 * 1024;

/** Operations, numbered as they came, whose answers have so many bytes. */
async function ask(turns: Turns, count: number, bytes = EIGHTH) {
  const begun: number[] = [];
  const works = Array.from({ length: count }, () => Promise.withResolvers<void>());
  const runs = works.map(({ promise }, number) =>
    turns.run(bytes, () => {
      begun.push(number);
      return promise;
    }),
  );
  await settled();
  const end = async (number: number): Promise<void> => {
    works[number]?.resolve();
    await runs[number];
    await settled();
  };
  return { begun, runs, works, end };
}

t.test(
  'eight operations begin at once, and each that ends lets in the one that waits longest',
  async (t) => {
    const { begun, end } = await ask(new Turns(new TestLoop()), 11);
    t.strictSame(begun, [0, 1, 2, 3, 4, 5, 6, 7]);
    await end(5);
    t.strictSame(begun.slice(8), [8]);
    await end(8);
    t.strictSame(begun.slice(8), [8, 9]);
  },
);

t.test(
  'while the process is busy nobody is let in, and as soon as it sleeps all are, one by one',
  async (t) => {
    const loop = new TestLoop();
    const { begun } = await ask(new Turns(loop), 12);
    await loop.round(20, 0);
    await loop.round(20, 0.4);
    t.equal(begun.length, 8);
    await loop.round(1, 0.2);
    t.equal(begun.length, 9, 'for half a millisecond of sleep');
    await loop.round(1, 1);
    t.equal(begun.length, 11);
    await loop.round(1, 1);
    t.strictSame(
      begun,
      Array.from({ length: 12 }, (_, number) => number),
    );
    t.notOk(loop.isLookedAt, 'nobody looks when nobody waits');
  },
);

t.test('sleep from before anybody waited lets nobody in', async (t) => {
  const loop = new TestLoop();
  const turns = new Turns(loop);
  await loop.round(60_000, 60_000);
  const { begun } = await ask(turns, 9);
  await loop.round(1, 0);
  t.equal(begun.length, 8);
});

t.test(
  'operations that hang hold back others for a quarter of a second, however busy the process is',
  async (t) => {
    const loop = new TestLoop();
    const { begun } = await ask(new Turns(loop), 20);
    await loop.round(249, 0);
    t.equal(begun.length, 8);
    await loop.round(1, 0);
    t.equal(begun.length, 16);
    await loop.round(250, 0);
    t.equal(begun.length, 20);
  },
);

t.test('an operation that fails lets in the next, and fails for whoever asked', async (t) => {
  const { begun, runs, works } = await ask(new Turns(new TestLoop()), 9);
  works[0]?.reject(new TypeError('broken'));
  await t.rejects(runs[0] ?? Promise.resolve(), { message: 'broken' });
  await settled();
  t.strictSame(begun.slice(8), [8]);
});

t.test('the real event loop lets in all that wait while it has nothing else to do', async (t) => {
  const turns = new Turns();
  const last = Promise.withResolvers<void>();
  const runs = Array.from({ length: 30 }, (_, number) =>
    turns.run(EIGHTH, async () => {
      if (number === 29) last.resolve();
      await last.promise;
    }),
  );
  await Promise.all(runs);
  t.pass('those that began first waited for the last');
});

t.test('small answers wait for nobody', async (t) => {
  const turns = new Turns(new TestLoop());
  await ask(turns, 9);
  const { begun } = await ask(turns, 100, 1_000);
  t.equal(begun.length, 100);
});

t.test('an answer larger than all that may be held begins when it is alone', async (t) => {
  const turns = new Turns(new TestLoop());
  const first = await ask(turns, 1);
  const large = await ask(turns, 1, 100 * EIGHTH);
  const later = await ask(turns, 1);
  t.equal(large.begun.length, 0);
  await first.end(0);
  t.equal(large.begun.length, 1);
  t.equal(later.begun.length, 0, 'whoever came later waits behind it, though there was room');
  await large.end(0);
  t.equal(later.begun.length, 1);
});
