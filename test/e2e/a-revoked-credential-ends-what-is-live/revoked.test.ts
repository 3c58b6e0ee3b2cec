import t from 'tap';
import { bearer } from '#test/support/client.ts';
import { startLive } from '#test/support/live-castellan.ts';
import { subscribeOver, transports } from '#test/support/live-events.ts';
import { connectWith } from '#test/support/web-socket-client.ts';

const event = (id: string) => ({ data: { ticked: { id, name: `tick ${id}` } } });

for (const split of [false, true]) {
  const where = split ? 'with identity as a service' : 'in one process';
  for (const transport of transports) {
    t.test(`${where}: a revoked key ends its subscription over ${transport}`, async (t) => {
      const live = await startLive(t, { split, auth: { liveCheckSeconds: 1 } });
      const [ann, bob] = [await live.signUp(), await live.signUp()];
      const key = await live.createKey(ann);
      const other = await live.createKey(ann);
      const revoked = await subscribeOver(t, transport, live, bearer(key.key).headers);
      const going = await Promise.all([
        subscribeOver(t, transport, live, bearer(other.key).headers),
        subscribeOver(t, transport, live, { cookie: bob }),
      ]);
      await live.subscribed(3);
      live.tick('a');
      for (const events of [revoked, ...going]) t.match(await events.next(), event('a'));

      const ended = revoked.endedWith();
      await live.revokeKey(ann, key.id);
      t.same(await ended, ['UNAUTHENTICATED']);
      if (revoked.closed !== null) t.match(await revoked.closed, { code: 4401 });
      await live.subscribed(2);
      live.tick('b');
      for (const events of going) t.match(await events.next(), event('b'), 'the others go on');
    });
  }
}

for (const transport of transports) {
  t.test(`who signs out ends what that session has subscribed to over ${transport}`, async (t) => {
    const live = await startLive(t);
    const cookie = await live.signUp();
    const { key } = await live.createKey(cookie);
    const session = await subscribeOver(t, transport, live, { cookie });
    const withKey = await subscribeOver(t, transport, live, bearer(key).headers);
    await live.subscribed(2);
    live.tick('a');
    for (const events of [session, withKey]) t.match(await events.next(), event('a'));
    const ended = session.endedWith();
    await live.signOut(cookie);
    t.same(await ended, ['UNAUTHENTICATED']);
    live.tick('b');
    t.match(await withKey.next(), event('b'), 'the key of the same person goes on');
  });
}

t.test('a connection that only asks ends with its credential too', async (t) => {
  const live = await startLive(t);
  const cookie = await live.signUp();
  const { id, key } = await live.createKey(cookie);
  const client = connectWith(t, live.webSocketUrl, { Authorization: `Bearer ${key}` });
  for await (const { data } of client.iterate({ query: '{ me { id } }' })) {
    t.match(data, { me: { id: /^user_/ } });
  }
  await live.revokeKey(cookie, id);
  t.match(await client.closed, { code: 4401, reason: /^UNAUTHENTICATED: / });
});
