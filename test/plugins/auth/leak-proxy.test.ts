import t from 'tap';
import { startAuthApp } from './support/auth-app.ts';
import { MemoryIdentity } from './support/memory-identity.ts';

const body = '[{"token":"x"}]';
const headers = ['content-type', 'application/json'];

t.test(
  'reports of keys reach identity as they were sent, with the address of their sender',
  async (t) => {
    const identity = new MemoryIdentity();
    identity.answer = { status: 202, headers: { 'x-a': 'b' }, body: Buffer.from('{"received":1}') };
    const { send } = await startAuthApp(t, { identity });
    const forged = [
      ...headers,
      'castellan-client-address',
      '192.0.2.1',
      'authorization',
      'Basic x',
    ];
    const answer = await send({ method: 'POST', path: '/api/leaks', headers: forged, body });
    t.match(answer, {
      status: 202,
      text: '{"received":1}',
      headers: { 'cache-control': 'no-store' },
    });
    const [forwarded] = identity.forwarded;
    t.match(forwarded, {
      method: 'POST',
      url: '/api/leaks',
      headers: { 'castellan-client-address': '127.0.0.1' },
    });
    t.equal(Buffer.from(forwarded?.body ?? []).toString(), body);
    t.notOk('authorization' in (forwarded?.headers ?? {}));
    t.equal((await send({ path: '/api/leaks' })).status, 404);
    t.equal((await send({ method: 'POST', path: '/api/leaks/x', body })).status, 404);
  },
);

t.test('a report is bounded, and never lost in silence', async (t) => {
  const identity = new MemoryIdentity();
  const { send, logs } = await startAuthApp(t, { identity });
  const post = (text: string) => send({ method: 'POST', path: '/api/leaks', headers, body: text });
  t.equal((await post('x'.repeat(70_000))).status, 413);
  t.equal(identity.forwarded.length, 0);
  identity.isDown = true;
  t.match(await post(body), { status: 503, headers: { 'retry-after': '1' } });
  t.match(logs.join(''), /a report of keys was not passed on/);
});

t.test('what keys look like may be kept by caches', async (t) => {
  const identity = new MemoryIdentity();
  identity.answer = {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'public, max-age=3600' },
    body: Buffer.from('{}'),
  };
  const { send } = await startAuthApp(t, { identity });
  const answer = await send({ path: '/.well-known/secret-scanning.json?x=1' });
  t.match(answer, { status: 200, headers: { 'cache-control': 'public, max-age=3600' } });
  t.match(identity.forwarded, [{ method: 'GET', url: '/.well-known/secret-scanning.json' }]);
});
