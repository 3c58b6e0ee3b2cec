import t from 'tap';
import { ask, bearer } from '#test/support/client.ts';
import { startLive } from '#test/support/live-castellan.ts';

const ROTATE = `mutation ($id: ID!, $overlap: String!) {
  rotateAPIKey(id: $id, overlap: $overlap) { id key } }`;
const VIEWER = '{ viewer { id } }';

for (const split of [false, true]) {
  const where = split ? 'with identity as a service' : 'in one process';
  t.test(`${where}: no request fails while a key is rotated`, async (t) => {
    const live = await startLive(t, { split });
    const cookie = await live.signUp();
    const { id, key } = await live.createKey(cookie);
    let stopped = false;
    let sent = 0;
    const failed: unknown[] = [];
    let current = key;
    const send = async () => {
      while (!stopped) {
        const { status, text } = await ask(live.url, VIEWER, bearer(current));
        sent += 1;
        if (status !== 200) failed.push(text);
      }
    };
    const senders = Array.from({ length: 4 }, send);
    for (let round = 0; round < 3; round++) {
      const { data } = await ask(live.url, ROTATE, {
        headers: { cookie },
        variables: { id, overlap: '1h' },
      });
      const { key: next } = (data as { rotateAPIKey: { key: string } }).rotateAPIKey;
      // Some of them go on with the text before for a while.
      for (const each of [current, next]) {
        t.equal((await ask(live.url, VIEWER, bearer(each))).status, 200);
      }
      current = next;
      // Whoever has begun with the text before has to be through before it is two texts old.
      const from = sent;
      while (sent < from + 20) await ask(live.url, VIEWER, bearer(next));
    }
    stopped = true;
    await Promise.all(senders);
    t.same(failed, []);
    t.ok(sent > 60, `${sent} requests`);
  });
}

t.test('without an overlap the text until now is refused from the answer on', async (t) => {
  const live = await startLive(t);
  const cookie = await live.signUp();
  const { id, key } = await live.createKey(cookie);
  t.equal((await ask(live.url, VIEWER, bearer(key))).status, 200);
  const { data } = await ask(live.url, ROTATE, {
    headers: { cookie },
    variables: { id, overlap: '0' },
  });
  t.equal((await ask(live.url, VIEWER, bearer(key))).status, 401);
  const { key: next } = (data as { rotateAPIKey: { key: string } }).rotateAPIKey;
  t.equal((await ask(live.url, VIEWER, bearer(next))).status, 200);
});
