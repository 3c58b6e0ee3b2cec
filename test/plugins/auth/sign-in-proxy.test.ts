import t from 'tap';
import { startAuthApp } from './support/auth-app.ts';
import { MemoryIdentity } from './support/memory-identity.ts';

const path = '/api/auth/sign-in/email';

t.test('method, path, query and bytes reach identity as they were sent', async (t) => {
  const identity = new MemoryIdentity();
  const { send } = await startAuthApp(t, { identity });
  const body = Buffer.from([0x7b, 0xff, 0x00, 0x7d]);
  for (const type of [
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'x/y',
  ]) {
    const sent = { method: 'POST', path: `${path}?a=%20b`, headers: ['content-type', type], body };
    t.equal((await send(sent)).status, 200, type);
  }
  await send({ method: 'POST', path, body });
  await send({ method: 'POST', path });
  await send({ path: '/api/auth/get-session' });
  t.match(identity.forwarded[0], { method: 'POST', url: `${path}?a=%20b` });
  for (const { body: arrived } of identity.forwarded.slice(0, 5)) t.same(arrived, body);
  t.match(identity.forwarded[6], { method: 'GET', url: '/api/auth/get-session' });
  t.equal(identity.forwarded.length, 7);
});

t.test(
  'identity learns host, scheme and address from the gateway, never from the client',
  async (t) => {
    const identity = new MemoryIdentity();
    const { send, url } = await startAuthApp(t, { identity });
    const headers = [
      'Cookie',
      'a=b',
      'Origin',
      'http://somewhere.example',
      'User-Agent',
      'test',
      'Authorization',
      'Bearer x',
      'X-Forwarded-For',
      '6.6.6.6',
      'X-Forwarded-Host',
      'evil.example',
      'X-Forwarded-Proto',
      'https',
      'Forwarded',
      'for=6.6.6.6',
      'X-Real-IP',
      '6.6.6.6',
      'Castellan-Client-Address',
      '6.6.6.6',
      'Castellan-Claims',
      'forged',
      'Connection',
      'close',
    ];
    t.equal((await send({ path, headers, method: 'POST' })).status, 200);
    const [forwarded] = identity.forwarded;
    t.match(forwarded?.headers, {
      cookie: 'a=b',
      origin: 'http://somewhere.example',
      'user-agent': 'test',
      'x-forwarded-for': '127.0.0.1',
      host: new URL(url).host,
      'x-forwarded-host': new URL(url).host,
      'x-forwarded-proto': 'http',
      'castellan-client-address': '127.0.0.1',
    });
    t.notMatch(JSON.stringify(forwarded), /6\.6\.6\.6|evil|forged|Bearer/);
  },
);

t.test('behind a proxy that is trusted, its word goes on', async (t) => {
  const identity = new MemoryIdentity();
  const { send } = await startAuthApp(t, { identity, config: { trustProxy: true } });
  const headers = [
    'X-Forwarded-For',
    '9.9.9.9',
    'X-Forwarded-Proto',
    'https',
    'X-Forwarded-Host',
    'a.example',
  ];
  await send({ path, headers, method: 'POST' });
  t.match(identity.forwarded[0]?.headers, {
    'x-forwarded-for': '9.9.9.9',
    'x-forwarded-host': 'a.example',
    'x-forwarded-proto': 'https',
  });
});

t.test(
  'status, headers and body come back, several cookies apart, hop-by-hop headers not',
  async (t) => {
    const identity = new MemoryIdentity();
    identity.answer = {
      status: 302,
      headers: {
        'set-cookie': ['a=1; Path=/', 'b=2; Path=/'],
        location: '/elsewhere',
        'content-type': 'application/json',
        'content-length': '999',
        connection: 'x-secret, close',
        'x-secret': 'of this connection',
        'keep-alive': 'timeout=5',
      },
      body: Buffer.from('{"token":null}'),
    };
    const { send } = await startAuthApp(t, { identity });
    const answer = await send({ path, method: 'POST' });
    t.equal(answer.status, 302);
    t.same(answer.headers['set-cookie'], ['a=1; Path=/', 'b=2; Path=/']);
    t.match(answer.headers, {
      location: '/elsewhere',
      'content-type': 'application/json',
      'cache-control': 'no-store',
    });
    t.equal(answer.headers['x-secret'], undefined);
    t.equal(answer.headers['content-length'], '14');
    t.equal(answer.text, '{"token":null}');
  },
);

t.test('nothing of identity beside /api/auth/ can be reached through it', async (t) => {
  const identity = new MemoryIdentity();
  const { send } = await startAuthApp(t, { identity });
  for (const detour of [
    '../../introspect',
    '%2e%2e/%2e%2e/introspect',
    '..\\..\\introspect',
    '../authority',
  ]) {
    t.equal((await send({ path: `/api/auth/${detour}`, method: 'POST' })).status, 404, detour);
  }
  t.equal(
    (await send({ path: 'http://evil.example/api/auth/../../introspect', method: 'POST' })).status,
    404,
  );
  t.equal((await send({ path, method: 'DELETE' })).status, 404);
  t.same(identity.forwarded, []);
});

t.test('a body over the limit is refused before identity hears of it', async (t) => {
  const identity = new MemoryIdentity();
  const { send } = await startAuthApp(t, { identity });
  const answer = await send({ path, method: 'POST', body: 'x'.repeat(65_537) });
  t.equal(answer.status, 413);
  t.equal(JSON.parse(answer.text).errors[0].extensions.code, 'PAYLOAD_TOO_LARGE');
  t.equal((await send({ path, method: 'POST', body: 'x'.repeat(65_536) })).status, 200);
  t.equal(identity.forwarded.length, 1);
});

t.test('a stale credential does not stand in the way of signing in', async (t) => {
  const identity = new MemoryIdentity();
  const { send } = await startAuthApp(t, { identity });
  const headers = ['Cookie', 'castellan.session_token=stale', 'Authorization', 'Bearer garbage'];
  t.equal((await send({ path, method: 'POST', headers })).status, 200);
});

t.test('while identity is down, signing in says so', async (t) => {
  const identity = new MemoryIdentity();
  identity.isDown = true;
  const { send } = await startAuthApp(t, { identity });
  const answer = await send({ path, method: 'POST' });
  t.equal(answer.status, 503);
  t.ok(answer.headers['retry-after']);
});
