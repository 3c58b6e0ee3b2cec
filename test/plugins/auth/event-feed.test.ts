import { PassThrough } from 'node:stream';
import t, { type Test } from 'tap';
import { EventFeed } from '#plugins/auth/event-feed.ts';
import { keepRunning } from '#test/support/keep-running.ts';

const touched = (sequence: number, id = `key_${sequence}`) =>
  `event: touched\nid: ${sequence}-1\ndata: {"touches":"credential","id":"${id}"}\n\n`;
const reset = (sequence: number) => `event: reset\nid: ${sequence}-1\ndata: {}\n\n`;
const reached = (sequence: number) => `event: reached\nid: ${sequence}-1\ndata: {}\n\n`;

/** A feed whose streams a test writes itself. */
function start(t: Test) {
  const opened: { lastEventId: string | null; stream: PassThrough }[] = [];
  const heard: (string | number)[] = [];
  const failures: unknown[] = [];
  const arrivals = new PassThrough({ objectMode: true });
  const streams = arrivals[Symbol.asyncIterator]();
  keepRunning(t);
  let isDown = false;
  const feed = new EventFeed({
    async open(lastEventId, signal) {
      if (isDown) throw new Error('nobody listens');
      const stream = new PassThrough();
      signal.addEventListener('abort', () => stream.destroy(signal.reason));
      opened.push({ lastEventId, stream });
      arrivals.write(stream);
      return stream;
    },
    onFailure: (error) => failures.push(error),
  });
  t.teardown(() => feed.close());
  feed.subscribe(
    ({ id }) => heard.push(id),
    (sequence) => heard.push(sequence),
  );
  return {
    feed,
    opened,
    heard,
    failures,
    set isDown(value: boolean) {
      isDown = value;
    },
    /** The stream that is opened next. */
    async stream(): Promise<PassThrough> {
      return (await streams.next()).value as PassThrough;
    },
  };
}

t.test('events and resets are told in their order, and counted', async (t) => {
  const { feed, heard, stream } = start(t);
  t.equal(feed.told, -1);
  const bytes = Buffer.from(`:\n\n${reset(4)}${touched(5)}${reached(9)}`);
  const first = await stream();
  // Cut anywhere.
  for (const byte of bytes) first.write(Buffer.from([byte]));
  t.ok(await feed.toldUpTo(9, 60_000));
  t.same(heard, [4, 'key_5']);
  t.equal(feed.told, 9);
});

t.test('a stream that ends is opened anew from where it was', async (t) => {
  const { feed, opened, heard, failures, stream } = start(t);
  const first = await stream();
  first.end(reset(4) + touched(5));
  const second = await stream();
  second.write(touched(5) + touched(6));
  t.ok(await feed.toldUpTo(6, 60_000));
  t.same(
    opened.map(({ lastEventId }) => lastEventId),
    [null, '5-1'],
  );
  t.same(heard, [4, 'key_5', 'key_5', 'key_6'], 'twice does no harm');
  t.equal(failures.length, 1);
});

t.test('what is not understood is no event: everything is forgotten', async (t) => {
  for (const nonsense of [
    'event: touched\nid: 5-1\ndata: {}\n\n',
    'event: touched\nid: 5-1\ndata: {"touches":"nothing","id":"a"}\n\n',
    'event: touched\ndata: {"touches":"subject","id":"a"}\n\n',
    'event: other\nid: 5-1\ndata: {}\n\n',
    'event: touched\nid: 5-1\ndata: {"touches"\n\n',
    `data: ${'x'.repeat(20_000)}\n\n`,
  ]) {
    const { feed, opened, stream } = start(t);
    const first = await stream();
    first.write(reset(4) + nonsense + touched(6));
    const second = await stream();
    t.equal(feed.told, -1, nonsense.slice(0, 60));
    t.equal(opened[1]?.lastEventId, null);
    second.write(reset(7));
    t.ok(await feed.toldUpTo(7, 60_000));
  }
});

t.test('an outage is said once, however often it is tried', async (t) => {
  const running = start(t);
  const first = await running.stream();
  first.write(reset(4));
  await running.feed.toldUpTo(4, 60_000);
  running.isDown = true;
  first.destroy(new Error('cut'));
  // Whoever has just heard of identity has it tried at once.
  for (let index = 0; index < 5; index += 1) {
    void running.feed.expect(9);
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.equal(running.failures.length, 1);
  running.isDown = false;
  void running.feed.expect(9);
  const second = await running.stream();
  second.write(touched(9));
  t.ok(await running.feed.toldUpTo(9, 60_000));
});

t.test(
  'a stream that does not tell what others know of is given up, and its bytes with it',
  async (t) => {
    const { feed, heard, opened, stream } = start(t);
    const first = await stream();
    first.write(reset(4));
    await feed.toldUpTo(4, 60_000);
    void feed.expect(6);
    const second = await stream();
    t.ok(first.destroyed);
    t.equal(opened[1]?.lastEventId, '4-1');
    second.write(touched(5) + touched(6));
    t.ok(await feed.toldUpTo(6, 60_000));
    t.same(heard, [4, 'key_5', 'key_6']);
  },
);

t.test('a feed that begins anew knows nothing until it is told', async (t) => {
  const { feed, opened, stream } = start(t);
  const first = await stream();
  first.write(reset(1_000));
  await feed.toldUpTo(1_000, 60_000);
  feed.restart();
  t.equal(feed.told, -1);
  const second = await stream();
  t.equal(opened[1]?.lastEventId, null);
  second.write(reset(900));
  t.ok(await feed.toldUpTo(900, 60_000));
  t.equal(feed.told, 900);
});

t.test(
  'who waits for what is not told waits only so long, and not for a closed feed',
  async (t) => {
    const { feed, stream } = start(t);
    await stream();
    t.equal(await feed.toldUpTo(1, 1), false);
    const waiting = feed.toldUpTo(1, 60_000);
    feed.close();
    t.equal(await waiting, false);
  },
);
