import t from 'tap';
import { createTestClock } from '#test/subgraphs/support/test-clock.ts';
import { bearer } from '#test/support/client.ts';
import { startLive } from '#test/support/live-castellan.ts';
import { subscribeOver } from '#test/support/live-events.ts';
import { connectWith } from '#test/support/web-socket-client.ts';

t.test(
  'while identity is away what is live goes on for its time, and nobody new gets in',
  async (t) => {
    const clock = createTestClock();
    const live = await startLive(t, { split: true, clock, auth: { liveGraceSeconds: 60 } });
    const { key } = await live.createKey(await live.signUp());
    const other = await live.createKey(await live.signUp());
    const events = await subscribeOver(t, 'WebSocket', live, bearer(key).headers);
    await live.subscribed(1);
    await live.stopIdentity();
    const { closed } = connectWith(t, live.webSocketUrl, { Authorization: `Bearer ${other.key}` });
    t.match(await closed, { code: 4503, reason: /^IDENTITY_UNAVAILABLE: / }, 'never 4401');
    live.tick('a');
    t.match(await events.next(), { data: { ticked: { id: 'a' } } });
    clock.advance(60_000);
    t.same(await events.endedWith(), ['IDENTITY_UNAVAILABLE']);
    t.match(await events.closed, { code: 4503 });
    await live.subscribed(0);
  },
);
