import t from 'tap';
import { onEachLocation } from '#test/subgraphs/support/stores.ts';
import { ask, bearer } from '#test/support/client.ts';
import { startWhole } from '#test/support/running-castellan.ts';

onEachLocation('a key whose creation was answered survives SIGKILL', async (t, location) => {
  let { url, facts, processes } = await startWhole(t, location);
  const owner = bearer(facts.get('API key') ?? '');
  const kept: string[] = [];
  for (let round = 0; round < 4; round++) {
    const created = await ask(
      url,
      'mutation { createAPIKey(input: { name: "kept", permissions: [READ] }) { key } }',
      owner,
    );
    kept.push((created.data as { createAPIKey: { key: string } }).createAPIKey.key);
    await processes[0]?.stop('SIGKILL');
    ({ url, facts, processes } = await startWhole(t, location));
    t.notOk(facts.has('API key'), 'a second run makes no second owner');
    for (const key of kept) {
      t.match((await ask(url, '{ viewer { email } }', bearer(key))).data, {
        viewer: { email: 'owner@castellan.localhost' },
      });
    }
  }
});

t.jobs = 1;
