import { onEachLocation } from '#test/subgraphs/support/stores.ts';
import { startFleet } from '#test/support/fleet.ts';
import { startTcpProxy } from '#test/support/tcp-proxy.ts';

const LEASE_MS = 2_000;

onEachLocation('a feed that stands open and is silent keeps nobody in', async (t, location) => {
  const fleet = startFleet(t, location);
  const [one, other] = [await fleet.identity(), await fleet.identity()];
  const proxy = await startTcpProxy(t, one.url);
  const [near, far] = [await fleet.gateway(other.url), await fleet.gateway(proxy.url)];
  const cookie = await fleet.signUp(near);
  const [first, second] = [
    await fleet.createKey(near, cookie),
    await fleet.createKey(near, cookie),
  ];
  await fleet.told(proxy, one);
  for (const { key } of [first, second]) t.equal(await far.statusOf(key), 200);
  proxy.hold('/events');
  await fleet.revokeKey(near, cookie, first.id);
  // The next lease names an event that the feed has not told.
  await far.whenStatus(first.key, 401);
  t.equal(await far.statusOf(second.key), 200, 'everybody else is asked about');
});

onEachLocation('when nothing comes any more, a lease is the end of it', async (t, location) => {
  const fleet = startFleet(t, location);
  const [one, other] = [await fleet.identity(), await fleet.identity()];
  const proxy = await startTcpProxy(t, one.url);
  const near = await fleet.gateway(other.url);
  const far = await fleet.gateway(proxy.url, { auth: { lookupTimeoutMs: 50 } });
  const cookie = await fleet.signUp(near);
  const { id, key } = await fleet.createKey(near, cookie);
  await fleet.told(proxy, one);
  t.equal(await far.statusOf(key), 200);
  proxy.hold();
  await fleet.revokeKey(near, cookie, id);
  far.clock.advance(LEASE_MS - 1);
  t.equal(await far.statusOf(key), 200, 'until then who is known is served');
  far.clock.advance(1);
  t.equal(await far.statusOf(key), 503, 'nobody can be refused, and nobody is let in');
  proxy.release();
  await far.whenStatus(key, 401);
});

onEachLocation('bytes that come late bring nobody back', async (t, location) => {
  const fleet = startFleet(t, location);
  const [one, other] = [await fleet.identity(), await fleet.identity()];
  const proxy = await startTcpProxy(t, one.url);
  const [near, far] = [await fleet.gateway(other.url), await fleet.gateway(proxy.url)];
  const cookie = await fleet.signUp(near);
  const { id, key } = await fleet.createKey(near, cookie);
  await fleet.told(proxy, one);
  t.equal(await far.statusOf(key), 200);
  proxy.hold('/events');
  // Old news on its way, and then the revocation behind it.
  for (let index = 0; index < 3; index += 1) await fleet.createKey(near, cookie);
  await fleet.revokeKey(near, cookie, id);
  await far.whenStatus(key, 401);
  proxy.release();
  const later = await fleet.createKey(near, cookie);
  await far.whenStatus(later.key, 200);
  t.equal(await far.statusOf(key), 401);
});

onEachLocation('who revokes is answered in time, and believed at once', async (t, location) => {
  const fleet = startFleet(t, location);
  const [one, other] = [await fleet.identity(), await fleet.identity()];
  const proxy = await startTcpProxy(t, one.url);
  const gateway = await fleet.gateway(proxy.url, {
    subgraphUrl: other.url,
    auth: { leaseSeconds: 0.25 },
  });
  const cookie = await fleet.signUp(gateway);
  const { id, key } = await fleet.createKey(gateway, cookie);
  await fleet.told(proxy, one);
  t.equal(await gateway.statusOf(key), 200);
  // Its feed and its leases stand still: only the answer of the change itself tells of it.
  proxy.hold('/events');
  proxy.hold('/lease');
  await fleet.revokeKey(gateway, cookie, id);
  t.equal(await gateway.statusOf(key), 401);
});
