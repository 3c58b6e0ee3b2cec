import { createClient } from 'graphql-sse';
import t from 'tap';
import { startLive, TICKED } from '#test/support/live-castellan.ts';

t.test('graphql-sse: each event runs the rest of the plan, as the caller', async (t) => {
  const live = await startLive(t);
  const { key } = await live.createKey(await live.signUp());
  const client = createClient({
    url: `${live.url}/graphql`,
    headers: { authorization: `Bearer ${key}` },
    retryAttempts: 0,
  });
  t.teardown(() => client.dispose());
  const events = client.iterate({ query: TICKED });
  for (const id of ['a', 'b']) {
    const next = events.next();
    await live.subscribed(1);
    live.tick(id);
    t.match(await next, {
      value: { data: { ticked: { id, who: /^user_/, name: `tick ${id}`, reader: /^user_/ } } },
    });
  }
  await events.return?.();
  await live.subscribed(0);
});

t.test('graphql-sse: queries and mutations over the same client', async (t) => {
  const live = await startLive(t);
  const { key } = await live.createKey(await live.signUp());
  const client = createClient({
    url: `${live.url}/graphql`,
    headers: { authorization: `Bearer ${key}` },
    retryAttempts: 0,
  });
  t.teardown(() => client.dispose());
  for await (const answer of client.iterate({ query: '{ hello me { id } }' })) {
    t.match(answer.data, { hello: 'hello', me: { id: /^user_/ } });
  }
});
