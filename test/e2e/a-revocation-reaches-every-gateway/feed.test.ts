import { sql } from 'kysely';
import { onEachLocation } from '#test/subgraphs/support/stores.ts';
import { startFleet } from '#test/support/fleet.ts';
import { startTcpProxy } from '#test/support/tcp-proxy.ts';

// The clocks of these gateways stand still: no lease and no entry ends by itself, only what they are told ends one.

onEachLocation('a key revoked at one gateway is refused by the others', async (t, location) => {
  const fleet = startFleet(t, location);
  const [one, other] = [await fleet.identity(), await fleet.identity()];
  const [near, far] = [await fleet.gateway(one.url), await fleet.gateway(other.url)];
  const cookie = await fleet.signUp(near);
  const key = await fleet.createKey(near, cookie);
  const lasting = await fleet.createKey(near, cookie);
  for (const gateway of [near, far]) {
    await gateway.whenStatus(key.key, 200);
    t.equal(await gateway.statusOf(lasting.key), 200);
  }
  await fleet.revokeKey(near, cookie, key.id);
  t.equal(await near.statusOf(key.key), 401, 'at once where it was revoked');
  await far.whenStatus(key.key, 401);
  for (const gateway of [near, far]) t.equal(await gateway.statusOf(lasting.key), 200);
});

onEachLocation('so is one that somebody revokes in the database', async (t, location) => {
  const fleet = startFleet(t, location);
  const [one, other] = [await fleet.identity(), await fleet.identity()];
  const gateway = await fleet.gateway(one.url);
  const cookie = await fleet.signUp(gateway);
  const first = await fleet.createKey(gateway, cookie);
  const second = await fleet.createKey(gateway, cookie);
  for (const { id, key } of [first, second]) {
    t.equal(await gateway.statusOf(key), 200);
    // Once past the identity that is asked, once past every one.
    const { database } = id === first.id ? one : other;
    await sql`update api_key set revoked_at = 1 where id = ${id}`.execute(database);
    await gateway.whenStatus(key, 401);
  }
});

onEachLocation('a sign-out holds at once where it was answered', async (t, location) => {
  const fleet = startFleet(t, location);
  const gateway = await fleet.gateway((await fleet.identity()).url);
  const cookie = await fleet.signUp(gateway);
  const ask = () =>
    fetch(`${gateway.url}/graphql?query={me{id}}`, { headers: { cookie } }).then((r) => r.status);
  t.equal(await ask(), 200);
  const answer = await fetch(`${gateway.url}/api/auth/sign-out`, {
    method: 'POST',
    headers: { cookie },
  });
  t.equal(answer.headers.get('castellan-sequence'), null, 'which is not the client’s affair');
  t.equal(await ask(), 401);
});

onEachLocation('a feed that was cut goes on from where it was', async (t, location) => {
  const fleet = startFleet(t, location);
  const [one, other] = [await fleet.identity(), await fleet.identity()];
  const proxy = await startTcpProxy(t, one.url);
  const [near, far] = [await fleet.gateway(other.url), await fleet.gateway(proxy.url)];
  const cookie = await fleet.signUp(near);
  const { id, key } = await fleet.createKey(near, cookie);
  await far.whenStatus(key, 200);
  proxy.refuseNew(true);
  proxy.cut('/events');
  await fleet.revokeKey(near, cookie, id);
  const reconnected = proxy.requested('/events');
  proxy.refuseNew(false);
  await reconnected;
  await far.whenStatus(key, 401);
});

onEachLocation('so does one whose identity was stopped and started again', async (t, location) => {
  const fleet = startFleet(t, location);
  const [one, other] = [await fleet.identity(), await fleet.identity()];
  const proxy = await startTcpProxy(t, other.url);
  const [near, far] = [await fleet.gateway(one.url), await fleet.gateway(proxy.url)];
  const cookie = await fleet.signUp(near);
  const [first, second] = [
    await fleet.createKey(near, cookie),
    await fleet.createKey(near, cookie),
  ];
  await fleet.told(proxy, other);
  for (const { key } of [first, second]) t.equal(await far.statusOf(key), 200);
  await other.stop();
  await fleet.revokeKey(near, cookie, first.id);
  t.equal(await far.statusOf(second.key), 200, 'under its lease it serves who is known');
  await other.restart();
  await far.whenStatus(first.key, 401);
  t.equal(await far.statusOf(second.key), 200);
});
