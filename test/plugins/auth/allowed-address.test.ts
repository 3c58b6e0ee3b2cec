import t from 'tap';
import { createApiKey } from '#contract/api-key.ts';
import { decodeResolution, encodeResolution } from '#contract/introspection.ts';
import { isAtAllowedAddress } from '#plugins/auth/allowed-address.ts';
import { startAuthApp } from './support/auth-app.ts';
import { callerWith, MemoryIdentity } from './support/memory-identity.ts';

const networks = ['10.0.0.0/8', '192.0.2.7/32', '2001:db8::/32'];

t.test('a bound caller comes from its networks and from nowhere else', async (t) => {
  const caller = callerWith({ addresses: networks });
  const table: readonly (readonly [string | undefined, boolean])[] = [
    ['10.255.0.1', true],
    ['192.0.2.7', true],
    ['2001:db8:ffff::1', true],
    ['::ffff:10.1.2.3', true],
    ['::ffff:a01:203', true],
    ['11.0.0.1', false],
    ['192.0.2.8', false],
    ['2001:db9::1', false],
    ['::1', false],
    ['::ffff:11.1.2.3', false],
    ['10.0.0.1, 8.8.8.8', false],
    ['', false],
    [undefined, false],
  ];
  for (const [address, allowed] of table) {
    t.equal(isAtAllowedAddress(caller, address), allowed, address ?? 'no address');
    t.equal(isAtAllowedAddress(callerWith(), address), true, 'one that is not bound');
  }
});

t.test('what is no network lets nobody in', async (t) => {
  for (const addresses of [[], [''], ['anywhere'], ['10.0.0.0/33'], ['10.0.0.0'], ['0.0.0.0/-1']]) {
    t.notOk(isAtAllowedAddress(callerWith({ addresses }), '10.0.0.1'), addresses.join());
  }
});

t.test('from elsewhere a key is answered as one that nobody has', async (t) => {
  const identity = new MemoryIdentity();
  const [here, elsewhere] = [createApiKey('live'), createApiKey('live')];
  identity.add(here, { addresses: ['127.0.0.0/8'] });
  identity.add(elsewhere, { addresses: networks });
  const { send, callers } = await startAuthApp(t, { identity });
  const ask = (key: string) => send({ headers: ['Authorization', `Bearer ${key}`] });
  t.equal((await ask(here)).status, 200);
  const unknown = await ask(createApiKey('live'));
  for (let round = 0; round < 2; round++) {
    const refused = await ask(elsewhere);
    t.equal(refused.status, 401);
    t.equal(refused.text, unknown.text);
    t.equal(refused.headers['www-authenticate'], unknown.headers['www-authenticate']);
  }
  t.equal(callers.length, 1);
});

t.test('networks reach a gateway that asks over HTTP, and are never lost on the way', async (t) => {
  const caller = callerWith({ addresses: networks });
  const wire: unknown = JSON.parse(
    JSON.stringify(encodeResolution({ active: true, caller, asOfSequence: 3 })),
  );
  t.match(decodeResolution(wire), { active: true, caller: { addresses: networks } });
  for (const addresses of [null, 'anywhere', {}, [1], [null]]) {
    t.equal(decodeResolution({ ...(wire as object), addresses }), null, JSON.stringify(addresses));
  }
});
