import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import t, { type Test } from 'tap';
import type { FeedMessage } from '#contract/identity-feed.ts';
import { writeFeed } from '#subgraphs/identity/feed/write-feed.ts';

const HEARTBEAT_MS = 10;
const page: readonly FeedMessage[] = Array.from({ length: 1_000 }, (_, index) => ({
  kind: 'touched',
  position: { sequence: index + 1, at: 1 },
  event: { sequence: index + 1, touches: 'credential', id: `key_${index}` },
}));

/** A server that writes one feed, and a bare client that has asked for it. */
async function start(t: Test, messages: AsyncIterable<readonly FeedMessage[]>) {
  const server = createServer();
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.teardown(() => client.destroy());
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  const left = new AbortController();
  response.once('close', () => left.abort());
  const written = writeFeed(response, messages, left.signal, HEARTBEAT_MS);
  written.catch(() => undefined);
  return { client, response, written, left };
}

t.test('a reader that takes nothing is cut, and no more is asked for than it takes', async (t) => {
  let asked = 0;
  async function* endless() {
    for (;;) {
      asked += 1;
      yield page;
    }
  }
  const { client, response, left } = await start(t, endless());
  client.pause();
  if (!left.signal.aborted) await once(left.signal, 'abort');
  t.ok(response.destroyed);
  t.ok(asked < 1_000, `pages that were asked for: ${asked}`);
});

t.test('a reader to whom there is nothing to say is kept, and hears a heartbeat', async (t) => {
  const never = Promise.withResolvers<void>();
  async function* silent() {
    await never.promise;
    yield page;
  }
  const { client, response } = await start(t, silent());
  let text = '';
  while (text.split(':\n\n').length < 6) text += String((await once(client, 'data'))[0]);
  t.notOk(response.destroyed);
  never.resolve();
  while (!text.includes('key_999')) text += String((await once(client, 'data'))[0]);
  t.match(text, /x-accel-buffering: no/i);
});

t.test('what fails ends the response without a proper end', async (t) => {
  async function* failing() {
    yield page;
    throw new Error('the store is away');
  }
  const { client, written } = await start(t, failing());
  client.resume();
  await t.rejects(written, { message: 'the store is away' });
  await once(client, 'close');
});
