import t, { type Test } from 'tap';
import { blog } from '#test/support/blog.ts';
import { startOpenGateway } from '#test/support/open-gateway.ts';
import { openSocket, refusedUpgrade } from './support/raw-socket.ts';

async function start(t: Test, allowedOrigins: string[] = []) {
  const gateway = await startOpenGateway(blog, { webSockets: { allowedOrigins } });
  t.teardown(() => gateway.close());
  return gateway;
}

const forbidden = { status: 403, code: 'FORBIDDEN' };

t.test("another site's page opens no WebSocket, whoever its visitor is", async (t) => {
  const { url } = await start(t);
  for (const origin of [
    'https://evil.example',
    'http://localhost:1',
    'null',
    `${url}.evil.example`,
    `${url}/`,
    url.replace('127.0.0.1', '127.0.0.2'),
  ]) {
    t.same(await refusedUpgrade(url, { headers: { origin } }), forbidden, origin);
  }
});

t.test('a page of our own does, and a program that has no origin', async (t) => {
  const { url } = await start(t);
  for (const headers of [{ origin: url }, {}]) {
    const { init } = await openSocket(t, url, { headers });
    await init();
  }
});

t.test('other origins are named one by one, or all', async (t) => {
  const some = await start(t, ['https://app.example']);
  const named = await openSocket(t, some.url, { headers: { origin: 'https://app.example' } });
  await named.init();
  for (const origin of ['https://app.example:8443', 'http://app.example', 'https://x.example']) {
    t.same(await refusedUpgrade(some.url, { headers: { origin } }), forbidden, origin);
  }
  const all = await start(t, ['*']);
  const any = await openSocket(t, all.url, { headers: { origin: 'https://x.example' } });
  await any.init();
});

t.test('with --open a name that is not of this machine is refused (DNS rebinding)', async (t) => {
  const { url } = await start(t, ['*']);
  const host = `rebound.example:${new URL(url).port}`;
  t.same(await refusedUpgrade(url, { headers: { host, origin: `http://${host}` } }), forbidden);
});
