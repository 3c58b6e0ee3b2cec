import { onOwnCluster } from '#test/support/postgres-cluster.ts';
import { startProcessFleet } from '#test/support/process-fleet.ts';

onOwnCluster('PostgreSQL may go and come back under what runs', async (t, cluster) => {
  const fleet = await startProcessFleet(t, cluster);
  const identity = await fleet.identity();
  const gateway = await fleet.gateway(identity.url);
  const cookie = await fleet.signUp(gateway);
  const first = await fleet.createKey(gateway, cookie);
  for (const mode of ['fast', 'immediate'] as const) {
    const gone = await fleet.createKey(gateway, cookie);
    await gateway.whenStatus(gone.key, 200);
    await gateway.whenStatus(first.key, 200);
    const kept = await fleet.createKey(gateway, cookie);
    await fleet.revokeKey(gateway, cookie, gone);
    // Both were acknowledged a moment ago.
    await cluster.stop(mode);
    t.not(await gateway.statusOf(kept.key), 401, `${mode}: what is not there refuses nobody`);
    await gateway.whenStatus(first.key, 503);
    await t.rejects(fleet.createKey(gateway, cookie), 'nothing is acknowledged');
    t.not(await gateway.statusOf(gone.key), 200);
    await cluster.start();
    await gateway.whenStatus(kept.key, 200);
    await gateway.whenStatus(first.key, 200);
    t.equal(await gateway.statusOf(gone.key), 401, 'what was acknowledged is there');
    const later = await fleet.createKey(gateway, cookie);
    await gateway.whenStatus(later.key, 200);
    await fleet.revokeInStore(later);
    await gateway.whenStatus(later.key, 401);
  }
});
