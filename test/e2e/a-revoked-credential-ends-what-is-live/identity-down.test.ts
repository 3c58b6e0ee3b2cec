import t from 'tap';
import { bearer } from '#test/support/client.ts';
import { startLive } from '#test/support/live-castellan.ts';
import { subscribeOver } from '#test/support/live-events.ts';
import { connectWith } from '#test/support/web-socket-client.ts';

t.test(
  'while identity is away what is live goes on for its time, and nobody new gets in',
  async (t) => {
    const live = await startLive(t, {
      split: true,
      auth: { liveCheckSeconds: 1, liveGraceSeconds: 3 },
    });
    const { key } = await live.createKey(await live.signUp());
    const other = await live.createKey(await live.signUp());
    const events = await subscribeOver(t, 'WebSocket', live, bearer(key).headers);
    await live.subscribed(1);
    await live.stopIdentity();
    const { closed } = connectWith(t, live.webSocketUrl, { Authorization: `Bearer ${other.key}` });
    t.match(await closed, { code: 4503, reason: /^IDENTITY_UNAVAILABLE: / }, 'never 4401');
    live.tick('a');
    t.match(await events.next(), { data: { ticked: { id: 'a' } } });
    t.same(await events.endedWith(), ['IDENTITY_UNAVAILABLE']);
    t.match(await events.closed, { code: 4503 });
    await live.subscribed(0);
  },
);
