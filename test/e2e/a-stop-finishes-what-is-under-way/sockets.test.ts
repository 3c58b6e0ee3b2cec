import path from 'node:path';
import t from 'tap';
import { openSocket } from '#test/gateway/websocket/support/raw-socket.ts';
import { bearer } from '#test/support/client.ts';
import { startLive } from '#test/support/live-castellan.ts';
import { subscribeOver, transports } from '#test/support/live-events.ts';
import { startWhole } from '#test/support/running-castellan.ts';
import { connectWith } from '#test/support/web-socket-client.ts';

t.test('a process that is told to stop closes its WebSockets and ends with 0', async (t) => {
  const castellan = await startWhole(t, {
    url: undefined,
    file: path.join(t.testdir(), 'castellan.db'),
  });
  const url = `${castellan.url.replace('http', 'ws')}/graphql`;
  const key = castellan.facts.get('API key');
  const clients = [
    connectWith(t, url, { Authorization: `Bearer ${key}` }),
    connectWith(t, url, { Authorization: `Bearer ${key}` }),
    connectWith(t, url),
  ];
  for (const client of clients) {
    for await (const { data } of client.iterate({ query: '{ __typename }' })) {
      t.same(data, { __typename: 'Query' });
    }
  }
  t.equal(await castellan.processes[0]?.stop(), 0, 'not as one that was not finished in time');
  for (const { closed } of clients) t.match(await closed, { code: 1001 });
});

for (const transport of transports) {
  t.test(`a stop tells a subscription over ${transport} why it ends`, async (t) => {
    const live = await startLive(t);
    const { key } = await live.createKey(await live.signUp());
    const events = await subscribeOver(t, transport, live, bearer(key).headers);
    await live.subscribed(1);
    const ended = events.endedWith();
    await live.app.close();
    t.same(await ended, ['SHUTTING_DOWN']);
    if (events.closed !== null) t.match(await events.closed, { code: 1001 });
    await live.subscribed(0);
  });
}

t.test('a client that does not close its side does not hold up the stop', async (t) => {
  const live = await startLive(t, { settings: { webSockets: { closeTimeoutMs: 100 } } });
  const { socket, init, closed } = await openSocket(t, live.url);
  await init();
  socket.pause();
  await live.app.close();
  socket.resume();
  t.match(await closed, { code: 1001 });
});
