import t from 'tap';
import { ask, bearer } from '#test/support/client.ts';
import { startLive } from '#test/support/live-castellan.ts';
import { connectWith } from '#test/support/web-socket-client.ts';

const HEADER = 'castellan-key-expires';

const extensionsOf = (text: string) => (JSON.parse(text) as { extensions?: unknown }).extensions;

t.test('answers to a key that ends soon say when, and others say nothing', async (t) => {
  const live = await startLive(t);
  const cookie = await live.signUp();
  const soon = await live.createKey(cookie, { expiresIn: '6d' });
  const late = await live.createKey(cookie, { expiresIn: '8d' });
  const never = await live.createKey(cookie);
  const { data } = await ask(live.url, `{ apiKey(id: "${soon.id}") { expiresAt } }`, {
    headers: { cookie },
  });
  const { expiresAt } = (data as { apiKey: { expiresAt: string } }).apiKey;

  // At the same time: calls to subgraphs are shared, answers are not.
  const asked = [soon, late, never, soon].map(({ key }) => ask(live.url, '{ hello }', bearer(key)));
  const answers = await Promise.all([
    ...asked,
    ask(live.url, '{ hello }', { headers: { cookie } }),
  ]);
  for (const [index, { headers, text }] of answers.entries()) {
    const says = index === 0 || index === 3;
    t.equal(headers.get(HEADER), says ? expiresAt : null);
    const extensions = says ? { castellan: { keyExpiresAt: expiresAt } } : undefined;
    t.same(extensionsOf(text), extensions);
    t.match(text, /^\{"data":\{"hello":/, 'the answer itself is as ever');
  }
  const wrong = await ask(live.url, '{ hello nothing }', bearer(soon.key));
  t.equal(wrong.headers.get(HEADER), expiresAt, 'an answer without data, too');
  const client = connectWith(t, live.webSocketUrl, { Authorization: `Bearer ${soon.key}` });
  const events = client.iterate({ query: '{ hello }' });
  t.match(await events.next(), {
    value: { extensions: { castellan: { keyExpiresAt: expiresAt } } },
  });
});

t.test('the notice can be switched off', async (t) => {
  const live = await startLive(t, { auth: { expiryNoticeDays: 0 } });
  const { key } = await live.createKey(await live.signUp(), { expiresIn: '1h' });
  const { headers, text } = await ask(live.url, '{ hello }', bearer(key));
  t.equal(headers.get(HEADER), null);
  t.equal(extensionsOf(text), undefined);
});

t.test('beside hooks that change answers, the notice stays', async (t) => {
  const live = await startLive(t);
  const { key } = await live.createKey(await live.signUp(), { expiresIn: '1h' });
  live.app.castellan.addHook('onResolution', (execution) => {
    execution.extensions = { ...execution.extensions, own: 1 };
  });
  const { text } = await ask(live.url, '{ hello }', bearer(key));
  t.match(extensionsOf(text), { own: 1, castellan: { keyExpiresAt: /Z$/ } });
});
