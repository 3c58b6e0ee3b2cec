import path from 'node:path';
import t from 'tap';
import { ask, bearer } from '#test/support/client.ts';
import { startWhole } from '#test/support/running-castellan.ts';

t.test('in one process a revoked key is refused from the answer on', async (t) => {
  const { url, facts } = await startWhole(t, {
    url: undefined,
    file: path.join(t.testdir(), 'castellan.db'),
  });
  const owner = bearer(facts.get('API key') ?? '');
  for (let round = 0; round < 10; round++) {
    const created = await ask(
      url,
      `mutation { createAPIKey(input: { name: "round", permissions: [READ] }) { id key } }`,
      owner,
    );
    const { id, key } = (created.data as { createAPIKey: { id: string; key: string } })
      .createAPIKey;
    // Warm in the cache, with requests under way while it is revoked.
    t.equal((await ask(url, '{ viewer { id } }', bearer(key))).status, 200);
    const underWay = Array.from({ length: 5 }, () => ask(url, '{ viewer { id } }', bearer(key)));
    await ask(url, `mutation { revokeAPIKey(id: "${id}") { id } }`, owner);
    t.equal((await ask(url, '{ viewer { id } }', bearer(key))).status, 401);
    await Promise.all(underWay);
  }
});

t.test(
  'a session that signed out is refused from the answer on, and its cookie is cleared',
  async (t) => {
    const { url, facts } = await startWhole(t, {
      url: undefined,
      file: path.join(t.testdir(), 'castellan.db'),
    });
    const [email, password] = (facts.get('Owner') ?? '').split('  ');
    const signIn = await fetch(`${url}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
    const cookie = signIn.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
    t.match(cookie, /^castellan\.session_token=/);
    t.match((await ask(url, '{ me { email } }', { headers: { cookie } })).data, { me: { email } });
    await fetch(`${url}/api/auth/sign-out`, { method: 'POST', headers: { cookie } });
    const stale = await ask(url, '{ me { email } }', { headers: { cookie } });
    t.equal(stale.status, 401);
    t.match(stale.headers.get('set-cookie'), /^castellan\.session_token=;.*Max-Age=0/);
  },
);
