import { onEachLocation } from '#test/subgraphs/support/stores.ts';
import { startProcessFleet } from '#test/support/process-fleet.ts';
import { startTcpProxy } from '#test/support/tcp-proxy.ts';

// Processes of their own, and real time: the witness holds every answer to the lease of two seconds.

onEachLocation('whoever revokes it, and whatever the network does', async (t, location) => {
  const fleet = await startProcessFleet(t, location);
  const identity = await fleet.identity();
  const proxy = await startTcpProxy(t, identity.url);
  // One beside identity, and one with a bad network in between.
  const [near, far] = await Promise.all([
    fleet.gateway(identity.url),
    fleet.gateway(proxy.url, identity.url),
  ]);
  const cookie = await fleet.signUp(near);
  const key = () => fleet.createKey(near, cookie);
  const lasting = await key();
  const known = async () => {
    const made = await key();
    for (const { key } of [made, lasting]) {
      await Promise.all([near, far].map((gateway) => gateway.whenStatus(key, 200)));
    }
    return made;
  };

  const inStore = await known();
  await fleet.revokeInStore(inStore);
  await Promise.all([near, far].map((gateway) => gateway.whenStatus(inStore.key, 401)));

  // The feed is cut and cannot be opened again; leases go on.
  const cut = await known();
  proxy.refuseNew(true);
  proxy.cut('/events');
  await fleet.revokeKey(near, cookie, cut);
  t.equal(await near.statusOf(cut.key), 401, 'at once where it was revoked');
  await far.whenStatus(cut.key, 401);
  t.equal(await far.statusOf(lasting.key), 200);
  proxy.refuseNew(false);

  // It stands open and says nothing; then old bytes come.
  const silent = await known();
  proxy.hold('/events');
  await fleet.revokeKey(near, cookie, silent);
  await far.whenStatus(silent.key, 401);
  const young = await key();
  t.equal(await far.statusOf(young.key), 200, 'who is behind takes what is new all the same');
  proxy.release();

  // A look-up that began before the revocation says that the key is good, and arrives after it.
  const [asked, pending] = [await key(), await known()];
  proxy.hold('/introspect');
  const answer = far.statusOf(asked.key);
  await proxy.withheld('/introspect');
  await fleet.revokeKey(near, cookie, asked);
  await near.whenStatus(asked.key, 401);
  proxy.release();
  await answer;
  await far.whenStatus(asked.key, 401);

  // Nothing comes at all, and then everything, late.
  await far.whenStatus(pending.key, 200);
  proxy.hold();
  await fleet.revokeKey(near, cookie, pending);
  await Promise.all([pending, lasting].map(({ key }) => far.whenStatus(key, 503)));
  proxy.release();
  await Promise.all([far.whenStatus(pending.key, 401), far.whenStatus(lasting.key, 200)]);
});
