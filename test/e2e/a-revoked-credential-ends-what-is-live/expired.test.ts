import t from 'tap';
import { openSocket } from '#test/gateway/websocket/support/raw-socket.ts';
import { createTestClock } from '#test/subgraphs/support/test-clock.ts';
import { bearer } from '#test/support/client.ts';
import { startLive } from '#test/support/live-castellan.ts';
import { subscribeOver, transports } from '#test/support/live-events.ts';

const HOUR_MS = 3_600_000;

for (const transport of transports) {
  t.test(`a subscription over ${transport} ends when its key does`, async (t) => {
    const clock = createTestClock();
    const live = await startLive(t, { clock });
    const cookie = await live.signUp();
    const { key } = await live.createKey(cookie, { permissions: ['READ'], expiresIn: '1h' });
    const lasting = await live.createKey(cookie);
    const events = await subscribeOver(t, transport, live, bearer(key).headers);
    const others = await subscribeOver(t, transport, live, bearer(lasting.key).headers);
    await live.subscribed(2);
    clock.advance(HOUR_MS - 10_000);
    live.tick('a');
    for (const each of [events, others]) {
      t.match(await each.next(), { data: { ticked: { id: 'a', name: 'tick a' } } });
    }
    clock.advance(10_000);
    t.same(await events.endedWith(), ['UNAUTHENTICATED']);
    if (events.closed !== null) t.match(await events.closed, { code: 4401 });
    await live.subscribed(1);
    live.tick('b');
    t.match(await others.next(), { data: { ticked: { id: 'b', name: 'tick b' } } });
  });
}

t.test('an operation after the end of its key is refused, however soon it comes', async (t) => {
  const clock = createTestClock();
  const live = await startLive(t, { clock });
  const { key } = await live.createKey(await live.signUp(), {
    permissions: ['READ'],
    expiresIn: '1h',
  });
  const { init, send, closed, next } = await openSocket(t, live.url);
  await init({ Authorization: `Bearer ${key}` });
  clock.advance(HOUR_MS);
  send({ id: '1', type: 'subscribe', payload: { query: '{ hello }' } });
  t.match(await closed, { code: 4401, reason: /^UNAUTHENTICATED: / });
  void next().then(() => t.fail('it was answered'));
});
