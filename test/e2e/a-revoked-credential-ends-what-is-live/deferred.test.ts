import t from 'tap';
import { readEvents } from '#test/gateway/subscriptions/support/read-events.ts';
import { createTestClock } from '#test/subgraphs/support/test-clock.ts';
import { bearer } from '#test/support/client.ts';
import { type LiveCastellan, startLive } from '#test/support/live-castellan.ts';

const query = '{ hello ... @defer { me { id } } }';

const formats = {
  'the draft of 2022': 'multipart/mixed;deferSpec=20220824',
  'later drafts': 'multipart/mixed;incrementalSpec=v0.2',
};

/** An answer in parts of which the second one waits for `letGo`. */
async function begin(live: LiveCastellan, key: string, accept: string) {
  const held = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  live.app.castellan.addHook('preFetch', async ({ subgraph, kind }) => {
    // The revocation is a mutation of the same subgraph.
    if (subgraph !== 'identity' || kind !== 'query') return;
    asked.resolve();
    await held.promise;
  });
  const response = await fetch(`${live.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, ...bearer(key).headers },
    body: JSON.stringify({ query }),
  });
  const parts = readEvents(response);
  t.match(await parts.next(), { data: { hello: 'hello' }, hasNext: true });
  await asked.promise;
  return { parts, letGo: held.resolve };
}

for (const [format, accept] of Object.entries(formats)) {
  t.test(`an answer in parts ends when its key is revoked, as ${format} have it`, async (t) => {
    const live = await startLive(t);
    const cookie = await live.signUp();
    const { id, key } = await live.createKey(cookie);
    const { parts, letGo } = await begin(live, key, accept);
    t.teardown(letGo);
    await live.revokeKey(cookie, id);
    t.match(await parts.next(), {
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
      hasNext: false,
    });
    t.equal(await parts.next(), null, 'nothing follows');
  });
}

t.test('an answer in parts ends with the time of its key', async (t) => {
  const clock = createTestClock();
  const live = await startLive(t, { clock });
  const { key } = await live.createKey(await live.signUp(), {
    permissions: ['READ'],
    expiresIn: '1h',
  });
  const { parts, letGo } = await begin(live, key, formats['later drafts']);
  t.teardown(letGo);
  clock.advance(3_600_000);
  t.match(await parts.next(), {
    errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    hasNext: false,
  });
  t.equal(await parts.next(), null, 'nothing follows');
});

t.test('an answer in parts whose key holds comes to its end', async (t) => {
  const live = await startLive(t);
  const { key } = await live.createKey(await live.signUp());
  const { parts, letGo } = await begin(live, key, formats['the draft of 2022']);
  letGo();
  t.match(await parts.next(), { incremental: [{ data: { me: {} } }], hasNext: false });
  t.equal(await parts.next(), null);
});
