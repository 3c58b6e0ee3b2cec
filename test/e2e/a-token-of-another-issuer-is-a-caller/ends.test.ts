import t from 'tap';
import { AUDIENCE, startTokenIssuer } from '#test/plugins/auth/support/token-issuer.ts';
import { createTestClock } from '#test/subgraphs/support/test-clock.ts';
import { ask, bearer } from '#test/support/client.ts';
import { startLive } from '#test/support/live-castellan.ts';
import { subscribeOver, transports } from '#test/support/live-events.ts';
import { connectWith } from '#test/support/web-socket-client.ts';

const event = (id: string, sub: string) => ({ data: { ticked: { id, who: sub, reader: sub } } });

async function start(t: Parameters<typeof startLive>[0]) {
  const clock = createTestClock();
  const issuer = await startTokenIssuer(t, clock);
  const options = { issuer: issuer.issuer, audience: AUDIENCE, jwksUrl: `${issuer.issuer}/keys` };
  const live = await startLive(t, { clock, auth: { issuers: [options] } });
  const endsIn = (seconds: number) =>
    issuer.token({ exp: Math.floor(clock.now() / 1_000) + seconds, jti: `${seconds}` });
  return { clock, issuer, live, endsIn };
}

for (const transport of transports) {
  t.test(`a subscription over ${transport} ends when its token does`, async (t) => {
    const { clock, issuer, live, endsIn } = await start(t);
    const name = `${issuer.issuer}|ann`;
    const events = await subscribeOver(t, transport, live, bearer(endsIn(60)).headers);
    const others = await subscribeOver(t, transport, live, bearer(endsIn(3_600)).headers);
    await live.subscribed(2);
    clock.advance(50_000);
    live.tick('a');
    for (const each of [events, others]) t.match(await each.next(), event('a', name));
    clock.advance(10_000);
    t.same(await events.endedWith(), ['UNAUTHENTICATED']);
    if (events.closed !== null) t.match(await events.closed, { code: 4401 });
    await live.subscribed(1);
    live.tick('b');
    t.match(await others.next(), event('b', name));
    t.equal(issuer.fetches, 1, 'asking again about what goes on fetches no keys');
  });
}

t.test('a WebSocket takes a token in its first message, however long a wrong one is', async (t) => {
  const { live, endsIn } = await start(t);
  const { closed } = connectWith(t, live.webSocketUrl, {
    Authorization: `Bearer ${endsIn(60)}${'x'.repeat(1_000_000)}`,
  });
  t.match(await closed, { code: 4401 });
  const client = connectWith(t, live.webSocketUrl, { Authorization: `Bearer ${endsIn(60)}` });
  const answer = await client.iterate({ query: '{ hello }' }).next();
  t.match(answer.value, { data: { hello: 'hello' } });
});

t.test('an ended token is refused with the next request', async (t) => {
  const { clock, live, endsIn } = await start(t);
  const headers = bearer(endsIn(60));
  t.match(await ask(live.url, '{ hello }', headers), { status: 200, data: { hello: 'hello' } });
  clock.advance(60_000);
  t.match(await ask(live.url, '{ hello }', headers), {
    status: 401,
    errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
  });
});
