import t from 'tap';
import { ask, bearer } from '#test/support/client.ts';
import { startLive, TICKED } from '#test/support/live-castellan.ts';
import { subscribeOver, transports } from '#test/support/live-events.ts';
import { connectWith } from '#test/support/web-socket-client.ts';

const UPDATE = `mutation ($id: ID!, $ipRanges: [String!]) {
  updateAPIKey(id: $id, input: { ipRanges: $ipRanges }) { ipRanges } }`;

for (const split of [false, true]) {
  const where = split ? 'with identity as a service' : 'in one process';
  t.test(`${where}: a key is refused from another network, over HTTP and WebSocket`, async (t) => {
    const live = await startLive(t, { split });
    const cookie = await live.signUp();
    const here = await live.createKey(cookie, { ipRanges: ['127.0.0.0/8', '::1'] });
    const elsewhere = await live.createKey(cookie, { ipRanges: ['203.0.113.0/24'] });
    t.equal((await ask(live.url, '{ viewer { id } }', bearer(here.key))).status, 200);
    const refused = await ask(live.url, '{ viewer { id } }', bearer(elsewhere.key));
    t.equal(refused.status, 401);
    t.match(refused.errors, [{ extensions: { code: 'UNAUTHENTICATED' } }]);
    const socket = connectWith(t, live.webSocketUrl, bearer(elsewhere.key).headers);
    t.match(await socket.closed, { code: 4401 });
    // Whoever claims to come from there is not believed.
    const forged = {
      headers: { ...bearer(elsewhere.key).headers, 'x-forwarded-for': '203.0.113.9' },
    };
    t.equal((await ask(live.url, '{ viewer { id } }', forged)).status, 401);
  });
}

for (const transport of transports) {
  t.test(
    `a key that is bound elsewhere loses what it has subscribed to over ${transport}`,
    async (t) => {
      const live = await startLive(t);
      const cookie = await live.signUp();
      const key = await live.createKey(cookie);
      const events = await subscribeOver(t, transport, live, bearer(key.key).headers);
      await live.subscribed(1);
      const ended = events.endedWith();
      const variables = { id: key.id, ipRanges: ['203.0.113.0/24'] };
      await ask(live.url, UPDATE, { headers: { cookie }, variables });
      t.same(await ended, ['FORBIDDEN']);
      const again = await ask(live.url, TICKED, bearer(key.key));
      t.equal(again.status, 401);
    },
  );
}
