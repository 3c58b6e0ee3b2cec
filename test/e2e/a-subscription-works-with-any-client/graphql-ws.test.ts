import t from 'tap';
import { startLive, TICKED } from '#test/support/live-castellan.ts';
import { connectWith } from '#test/support/web-socket-client.ts';

t.test('graphql-ws: each event runs the rest of the plan, as the caller', async (t) => {
  const live = await startLive(t);
  const cookie = await live.signUp();
  const { key } = await live.createKey(cookie);
  for (const [name, parameters, headers] of [
    ['a payload', { Authorization: `Bearer ${key}` }, {}],
    ['a payload in lower case', { authorization: `bearer ${key}` }, {}],
    ['headers in a payload', { headers: { Authorization: `Bearer ${key}` } }, {}],
    ['a header of the upgrade', undefined, { authorization: `Bearer ${key}` }],
    ['the session cookie', undefined, { cookie, origin: live.url }],
    ['a payload, which beats a cookie', { Authorization: `Bearer ${key}` }, { cookie: 'x=y' }],
  ] as const) {
    const client = connectWith(t, live.webSocketUrl, parameters, headers);
    const events = client.iterate({ query: TICKED });
    const next = events.next();
    await live.subscribed(1);
    live.tick('a');
    const { value } = await next;
    t.match(value, { data: { ticked: { id: 'a', who: /^user_/, name: 'tick a' } } }, name);
    const { who, reader } = (value?.data?.ticked ?? {}) as { who: string; reader: string };
    t.equal(who, reader, 'the same caller at both subgraphs');
    await events.return?.();
    await live.subscribed(0);
    await client.dispose();
  }
});

t.test('graphql-ws: who leaves ends the stream of the subgraph', async (t) => {
  const live = await startLive(t);
  const { key } = await live.createKey(await live.signUp());
  const client = connectWith(t, live.webSocketUrl, { Authorization: `Bearer ${key}` });
  const events = [1, 2].map(() => client.iterate({ query: `${TICKED} #` }));
  const waiting = events.map((each) => each.next());
  // Two that are alike share one stream.
  await live.subscribed(1);
  await events[0]?.return?.();
  live.tick('b');
  t.match(await waiting[1], { value: { data: { ticked: { id: 'b' } } } });
  client.terminate();
  await live.subscribed(0);
});

t.test('graphql-ws: a wrong credential, or none, is told and never anonymous', async (t) => {
  const live = await startLive(t);
  const cookie = await live.signUp();
  const { key } = await live.createKey(cookie);
  const unauthenticated = {
    code: 4401,
    reason: 'UNAUTHENTICATED: You must be authenticated to perform this action',
  };
  const bad = `Bearer ${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`;
  for (const [parameters, headers] of [
    [{ Authorization: bad }, {}],
    [{ Authorization: 'Basic abc' }, {}],
    [{ Authorization: '' }, {}],
    [{ Authorization: 7 }, {}],
    [{ Authorization: bad }, { cookie }],
    [{ Authorization: `Bearer ${key}`, authorization: `Bearer ${key}` }, {}],
    [{ Authorization: `Bearer ${key}`, headers: { authorization: `Bearer ${key}` } }, {}],
    [{ Authorization: `Bearer ${key}` }, { authorization: `Bearer ${key}` }],
    [undefined, { authorization: bad }],
    [undefined, { cookie: 'castellan.session_token=gone' }],
  ] as const) {
    const { closed } = connectWith(t, live.webSocketUrl, parameters, headers);
    const { code, reason } = await closed;
    t.same({ code, reason }, unauthenticated, JSON.stringify([parameters, headers]));
  }
  const anonymous = connectWith(t, live.webSocketUrl, { Authorization: null });
  for await (const answer of anonymous.iterate({ query: '{ me { id } }' })) {
    t.match(answer.errors, [{ extensions: { code: 'UNAUTHENTICATED' } }]);
  }
});

t.test('graphql-ws: a cookie does not work for a page of an allowed other origin', async (t) => {
  const origin = 'https://app.example';
  const live = await startLive(t, { settings: { webSockets: { allowedOrigins: [origin] } } });
  const cookie = await live.signUp();
  const { key } = await live.createKey(cookie);
  const { closed } = connectWith(t, live.webSocketUrl, {}, { cookie, origin });
  t.match(await closed, { code: 4403, reason: /^CSRF_REJECTED: / });
  const withKey = connectWith(
    t,
    live.webSocketUrl,
    { Authorization: `Bearer ${key}` },
    { cookie, origin },
  );
  for await (const answer of withKey.iterate({ query: '{ me { id } }' })) {
    t.match(answer.data, { me: { id: /^user_/ } });
  }
});
