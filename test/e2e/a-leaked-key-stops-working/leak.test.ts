import t from 'tap';
import { createTestClock } from '#test/subgraphs/support/test-clock.ts';
import { ask, bearer } from '#test/support/client.ts';
import { startLive, TICKED } from '#test/support/live-castellan.ts';
import { connectWith } from '#test/support/web-socket-client.ts';

for (const split of [false, true]) {
  const where = split ? 'a service of its own' : 'this process';
  t.test(
    `a reported key is refused, and let in when it is released: identity is ${where}`,
    async (t) => {
      const clock = createTestClock();
      const live = await startLive(t, { split, clock });
      const cookie = await live.signUp();
      const { id, key } = await live.createKey(cookie);
      const other = await live.createKey(cookie);
      const use = async (text: string) => (await ask(live.url, '{ hello }', bearer(text))).status;
      t.equal(await use(key), 200);

      const page = await fetch(`${live.url}/.well-known/secret-scanning.json`);
      t.equal(page.headers.get('cache-control'), 'public, max-age=3600');
      const { report, patterns } = (await page.json()) as {
        report: { url: string };
        patterns: { regex: string; type: string }[];
      };
      const [found] = new RegExp(patterns[0]?.regex ?? '').exec(`key = '${key}'`) ?? [];
      t.equal(found, key);
      const reported = await fetch(new URL(report.url, page.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([
          { token: found, type: patterns[0]?.type, url: '', source: 'commit' },
        ]),
      });
      t.equal(reported.status, 202);
      t.same(await reported.json(), { received: 1 });

      // An identity of its own is believed for some seconds.
      if (split) clock.advance(5_000);
      t.equal(await use(key), 401);
      t.equal(await use(other.key), 200);
      const status = async () => {
        const answer = await ask(live.url, `{ apiKey(id: "${id}") { status disabledReason } }`, {
          headers: { cookie },
        });
        return (answer.data as { apiKey: unknown }).apiKey;
      };
      t.same(await status(), { status: 'QUARANTINED', disabledReason: 'LEAKED' });
      const release = `mutation { releaseAPIKey(id: "${id}") { status } }`;
      const released = await ask(live.url, release, { headers: { cookie } });
      t.same(released.data, { releaseAPIKey: { status: 'ACTIVE' } });
      if (split) clock.advance(5_000);
      t.equal(await use(key), 200);
    },
  );
}

t.test('what goes on in the name of a reported key ends at once', async (t) => {
  const live = await startLive(t);
  const { key } = await live.createKey(await live.signUp());
  const client = connectWith(t, live.webSocketUrl, { Authorization: `Bearer ${key}` });
  client.subscribe({ query: TICKED }, { next: () => {}, error: () => {}, complete: () => {} });
  await live.subscribed(1);
  await fetch(`${live.url}/api/leaks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ token: key }]),
  });
  t.match(await client.closed, { code: 4401 });
  await live.subscribed(0);
});
