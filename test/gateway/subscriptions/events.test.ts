import t from 'tap';
import { CodedError } from '#contract/errors.ts';
import type { LiveSubscription } from '#gateway/subscriptions/live-subscriptions.ts';
import { startNews } from './support/news.ts';

const changes = 'subscription { personChanged { name posts { title } } }';
const answer = (id: number) => ({
  data: { personChanged: { name: `Person ${id}`, posts: [{ title: `by ${id}` }] } },
});

t.test('each event is completed by the other subgraphs, and the end is told', async (t) => {
  const news = await startNews(t);
  const stream = await news.subscribe(changes);
  t.equal(stream.status, 200);
  t.match(stream.contentType, 'text/event-stream');
  await news.reached(1);
  for (const id of [1, 2, 3]) {
    news.change(id);
    t.same(await stream.next(), answer(id));
  }
  t.equal(news.calls.length, 3, 'one call for each event');
  news.complete();
  t.equal(await stream.next(), null);
});

t.test('over multipart each event has its envelope', async (t) => {
  const news = await startNews(t);
  const accept = 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json';
  const stream = await news.subscribe(changes, accept);
  t.match(stream.contentType, 'multipart/mixed; boundary="graphql"; subscriptionSpec=1.0');
  await news.reached(1);
  news.change(1);
  t.same(await stream.next(), { payload: answer(1) });
  news.complete();
  t.equal(await stream.next(), null);
});

t.test('a stream without events shows that it is alive', async (t) => {
  const news = await startNews(t, { subscriptions: { heartbeatSeconds: 1 } });
  const accept = 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0';
  const stream = await news.subscribe(changes, accept);
  t.same(await stream.next(), {}, 'an empty part');
});

t.test('a GET may subscribe, as EventSource does', async (t) => {
  const news = await startNews(t);
  const leaving = new AbortController();
  const response = await fetch(`${news.url}/graphql?query=${encodeURIComponent(changes)}`, {
    headers: { accept: 'text/event-stream' },
    signal: leaving.signal,
  });
  t.equal(response.status, 200);
  await news.reached(1);
  leaving.abort();
  await news.reached(0);
});

t.test('a HEAD subscribes to nothing, as nobody would read it and leave', async (t) => {
  const news = await startNews(t);
  const response = await fetch(`${news.url}/graphql?query=${encodeURIComponent(changes)}`, {
    method: 'HEAD',
    headers: { accept: 'text/event-stream' },
  });
  t.equal(response.status, 406);
  t.equal(news.streams.ever, 0);
});

t.test('identical subscriptions are one stream, which the last one who leaves ends', async (t) => {
  const news = await startNews(t);
  const leaving = [new AbortController(), new AbortController()] as const;
  const streams = await Promise.all(
    leaving.map(({ signal }) => news.subscribe(changes, 'text/event-stream', signal)),
  );
  await news.reached(1);
  news.change(7);
  for (const stream of streams) t.same(await stream.next(), answer(7));
  leaving[0].abort();
  news.change(8);
  t.same(await streams[1]?.next(), answer(8));
  leaving[1].abort();
  await news.reached(0);
  t.equal(news.streams.ever, 1);
});

t.test('who takes no events is told so', async (t) => {
  const news = await startNews(t);
  const stream = await news.subscribe(changes, 'application/json');
  t.equal(stream.status, 406);
  t.match(await stream.whole(), { errors: [{ extensions: { code: 'NOT_ACCEPTABLE' } }] });
});

t.test('a mistake is an event with its errors', async (t) => {
  const news = await startNews(t);
  const stream = await news.subscribe('subscription { nothing }');
  t.match(await stream.next(), { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] });
  t.equal(await stream.next(), null);
});

t.test('a query over server-sent events is one event', async (t) => {
  const news = await startNews(t);
  const stream = await news.subscribe('{ person { name } }');
  t.same(await stream.next(), { data: { person: null } });
  t.equal(await stream.next(), null);
});

t.test('there are no more of them than the gateway allows', async (t) => {
  const news = await startNews(t, { subscriptions: { maxSubscriptions: 1 } });
  const leaving = new AbortController();
  await news.subscribe(changes, 'text/event-stream', leaving.signal);
  await news.reached(1);
  const second = await news.subscribe(changes);
  t.equal(second.status, 503);
  t.match(await second.whole(), { errors: [{ extensions: { code: 'OVERLOADED' } }] });
  leaving.abort();
  await news.reached(0);
  const third = await news.subscribe(changes);
  t.equal(third.status, 200, 'there is room again');
});

t.test('when the gateway stops, each is told so', async (t) => {
  const news = await startNews(t);
  const stream = await news.subscribe(changes);
  await news.reached(1);
  const closed = news.app.close();
  t.match(await stream.next(), { errors: [{ extensions: { code: 'SHUTTING_DOWN' } }] });
  t.equal(await stream.next(), null);
  await closed;
  await news.reached(0);
});

t.test('what a plugin ends is told why', async (t) => {
  const news = await startNews(t);
  const ended = Promise.withResolvers<string | null>();
  news.app.castellan.addHook('onSubscription', (live) => {
    setImmediate(() => live.end(new CodedError('UNAUTHENTICATED')));
  });
  news.app.castellan.addHook('onOperation', ({ code }) => ended.resolve(code));
  const stream = await news.subscribe(changes);
  t.match(await stream.next(), { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  t.equal(await stream.next(), null);
  t.equal(await ended.promise, 'UNAUTHENTICATED');
  await news.reached(0);
});

t.test('what is ended leaves its subgraph, also when its client reads nothing', async (t) => {
  const news = await startNews(t);
  const begun = Promise.withResolvers<LiveSubscription>();
  news.app.castellan.addHook('onSubscription', (live) => begun.resolve(live));
  const response = await fetch(`${news.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: changes }),
  });
  await news.reached(1);
  (await begun.promise).end(new CodedError('UNAUTHENTICATED'));
  await news.reached(0);
  await response.body?.cancel();
});
