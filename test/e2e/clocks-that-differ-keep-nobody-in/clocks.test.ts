import { sql } from 'kysely';
import { onEachLocation } from '#test/subgraphs/support/stores.ts';
import { createTestClock } from '#test/subgraphs/support/test-clock.ts';
import { ask, bearer } from '#test/support/client.ts';
import { startFleet } from '#test/support/fleet.ts';
import { KeyWitness } from '#test/support/key-witness.ts';
import { createSkewedClock } from '#test/support/skewed-clock.ts';
import { startTcpProxy } from '#test/support/tcp-proxy.ts';

const HOUR_MS = 3_600_000;
const LEEWAY_MS = 4_000;
const LEASE_SECONDS = 1;

onEachLocation('a wall clock that is set lengthens no lease', async (t, location) => {
  const fleet = startFleet(t, location);
  const identity = await fleet.identity();
  const near = await fleet.gateway(identity.url);
  const proxy = await startTcpProxy(t, identity.url);
  const clock = createSkewedClock();
  const far = await fleet.gateway(proxy.url, {
    clock,
    subgraphUrl: identity.url,
    auth: { leaseSeconds: LEASE_SECONDS, lookupTimeoutMs: 100 },
  });
  const cookie = await fleet.signUp(near);
  const witness = new KeyWitness(LEASE_SECONDS * 1_000);
  for (const jump of [-HOUR_MS, HOUR_MS]) {
    clock.skewMs = 0;
    const { id, key } = await fleet.createKey(near, cookie);
    witness.made(key);
    while ((await witness.ask(far.url, key)) !== 200);
    // Nothing of identity arrives any more, and somebody sets the clock.
    proxy.hold();
    clock.skewMs = jump;
    await witness.revoked(key, () => fleet.revokeKey(near, cookie, id));
    while ((await witness.ask(far.url, key)) === 200);
    proxy.release();
    while ((await witness.ask(far.url, key)) !== 401);
  }
});

onEachLocation('claims bear clocks that differ a little, and no more', async (t, location) => {
  const fleet = startFleet(t, location);
  const identityClock = createTestClock();
  const identity = await fleet.identity(identityClock);
  const gateway = await fleet.gateway(identity.url);
  const cookie = await fleet.signUp(gateway);
  const { key } = await fleet.createKey(gateway, cookie);
  const viewer = async () => {
    const { status, data, errors } = await ask(gateway.url, '{ viewer { id } }', bearer(key));
    const isThere = (data as { viewer: object | null } | undefined)?.viewer != null;
    return { status, isThere, code: errors?.[0]?.extensions?.code };
  };
  const now = gateway.clock.now();
  for (const skew of [0, LEEWAY_MS, -LEEWAY_MS]) {
    identityClock.set(now + skew);
    t.same(await viewer(), { status: 200, isThere: true, code: undefined }, `${skew} ms`);
  }
  for (const skew of [HOUR_MS, -HOUR_MS]) {
    identityClock.set(now + skew);
    const { status, isThere, code } = await viewer();
    t.same({ status, isThere }, { status: 200, isThere: false }, `${skew} ms`);
    t.equal(code, 'UNAUTHENTICATED', 'of that one field: the credential itself is good');
  }
});

onEachLocation('a key ends by the clock that is ahead', async (t, location) => {
  const fleet = startFleet(t, location);
  const identityClock = createTestClock();
  const identity = await fleet.identity(identityClock);
  const gateway = await fleet.gateway(identity.url);
  const cookie = await fleet.signUp(gateway);
  const start = gateway.clock.now();
  const ending = async () => {
    const { id, key } = await fleet.createKey(gateway, cookie);
    // Past every event: only the time itself ends it.
    await sql`update api_key set expires_at = ${start + HOUR_MS} where id = ${id}`.execute(
      identity.database,
    );
    return key;
  };
  const [known, other] = [await ending(), await ending()];
  await gateway.whenStatus(known, 200);
  // Identity is ahead: it says so when it is asked the next time, at most an entry's life later.
  identityClock.set(start + HOUR_MS + 1);
  t.equal(await gateway.statusOf(other), 401);
  gateway.clock.advance(5_001);
  await gateway.whenStatus(known, 401);
  // The gateway is ahead: it does not even ask.
  identityClock.set(start);
  gateway.clock.set(start + HOUR_MS + 1);
  await gateway.whenStatus(other, 401);
});
