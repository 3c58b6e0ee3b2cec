import { sql } from 'kysely';
import { onEachLocation } from '#test/subgraphs/support/stores.ts';
import { startProcessFleet } from '#test/support/process-fleet.ts';

onEachLocation('who stood still hears of everything that was missed', async (t, location) => {
  const fleet = await startProcessFleet(t, location);
  const [one, other] = await Promise.all([fleet.identity(), fleet.identity()]);
  const [near, far] = await Promise.all([fleet.gateway(one.url), fleet.gateway(other.url)]);
  const cookie = await fleet.signUp(near);
  const lasting = await fleet.createKey(near, cookie);
  const known = async () => {
    const made = await fleet.createKey(near, cookie);
    for (const { key } of [made, lasting]) await far.whenStatus(key, 200);
    return made;
  };
  t.teardown(() => {
    for (const { pid } of [far, other]) process.kill(pid, 'SIGCONT');
  });

  // A gateway: fewer events than are told one by one, and more.
  for (const count of [9_900, 10_100]) {
    const key = await known();
    process.kill(far.pid, 'SIGSTOP');
    await sql`insert into identity_log (at, action, touches, touched_id, actor_kind, detail)
      with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})
      select 1, 'key.revoked', 'credential', 'key_' || i, 'unknown', '{}' from n`.execute(
      fleet.database,
    );
    await fleet.revokeKey(near, cookie, key);
    t.equal(await near.statusOf(key.key), 401, 'nobody waits for who stands still');
    // What it is asked meanwhile it answers when it goes on.
    const asked = [far.statusOf(key.key), far.statusOf(lasting.key)];
    process.kill(far.pid, 'SIGCONT');
    await Promise.all(asked);
    await far.whenStatus(key.key, 401);
    await far.whenStatus(lasting.key, 200);
  }

  // An identity.
  const key = await known();
  process.kill(other.pid, 'SIGSTOP');
  await fleet.revokeKey(near, cookie, key);
  await Promise.all([key, lasting].map((each) => far.whenStatus(each.key, 503)));
  process.kill(other.pid, 'SIGCONT');
  await Promise.all([far.whenStatus(key.key, 401), far.whenStatus(lasting.key, 200)]);
});
