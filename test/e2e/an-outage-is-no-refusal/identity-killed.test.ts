import { createApiKey } from '#contract/api-key.ts';
import { onEachLocation } from '#test/subgraphs/support/stores.ts';
import { startProcessFleet } from '#test/support/process-fleet.ts';

const LEASE_SECONDS = 3;

onEachLocation('without identity nobody is refused, and nobody new let in', async (t, location) => {
  const fleet = await startProcessFleet(t, location, LEASE_SECONDS);
  const identity = await fleet.identity();
  const gateway = await fleet.gateway(identity.url);
  const cookie = await fleet.signUp(gateway);
  const [kept, gone, unasked] = [
    await fleet.createKey(gateway, cookie),
    await fleet.createKey(gateway, cookie),
    await fleet.createKey(gateway, cookie),
  ];
  const nobodys = createApiKey('test');
  for (const { key } of [kept, gone]) await gateway.whenStatus(key, 200);

  await identity.kill();
  t.equal(await gateway.statusOf(kept.key), 200, 'under the lease who is known goes on');
  await fleet.revokeInStore(gone);
  t.equal(await gateway.statusOf(unasked.key), 503, 'a good key that nobody can vouch for');
  t.equal(await gateway.statusOf(nobodys), 503, 'and a bad one: nobody knows that either');
  t.equal(await gateway.statusOf('cst_test_nonsense'), 401, 'what is no key at all needs nobody');
  // Until then the witness looks at every answer.
  for (const { key } of [kept, gone]) await gateway.whenStatus(key, 503);
  const refused = await fetch(`${gateway.url}/graphql?query={__typename}`, {
    headers: { authorization: `Bearer ${kept.key}` },
  });
  t.ok(Number(refused.headers.get('retry-after')) > 0);
  t.match(await refused.json(), { errors: [{ extensions: { code: 'IDENTITY_UNAVAILABLE' } }] });

  await identity.start();
  // By itself: nothing is asked of the gateway but this.
  await gateway.whenStatus(kept.key, 200);
  t.equal(await gateway.statusOf(gone.key), 401, 'what was revoked meanwhile is');
  t.equal(await gateway.statusOf(nobodys), 401);
  t.equal(await gateway.statusOf(unasked.key), 200);
  await fleet.revokeKey(gateway, cookie, kept);
  t.equal(await gateway.statusOf(kept.key), 401, 'and the feed works again');
});
