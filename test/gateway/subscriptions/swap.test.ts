import t from 'tap';
import { startNews } from './support/news.ts';

const changes = 'subscription { personChanged { name posts { title } } }';
const answer = (id: number) => ({
  data: { personChanged: { name: `Person ${id}`, posts: [{ title: `by ${id}` }] } },
});

for (const share of [true, false]) {
  const streamCount = share ? 1 : 2;
  t.test(`fifty swaps drop no subscription that still fits (share: ${share})`, async (t) => {
    const news = await startNews(t, { subgraphs: { subscriptions: { share } } });
    const streams = await Promise.all([news.subscribe(changes), news.subscribe(changes)]);
    await news.reached(streamCount);
    const { supergraph } = news.app.castellan;
    for (let swap = 1; swap <= 50; swap += 1) {
      const sdl = swap % 2 === 1 ? news.sdl.withoutNick : news.sdl.same;
      t.match(await supergraph.replace(sdl), { kind: 'swapped' });
      news.change(swap);
      for (const stream of streams) t.same(await stream.next(), answer(swap));
    }
    t.equal(news.streams.ever, streamCount, 'on the streams of the first day');
    t.equal(supergraph.generations, 1, 'and no old supergraph is kept for them');
  });
}

t.test('one that no longer fits is told so, the others go on', async (t) => {
  const news = await startNews(t);
  const [nicks, names] = await Promise.all([
    news.subscribe('subscription { personChanged { nick } }'),
    news.subscribe(changes),
  ]);
  await news.reached(2);
  await news.app.castellan.supergraph.replace(news.sdl.withoutNick);
  t.match(await nicks.next(), {
    errors: [{ message: /nick/, extensions: { code: 'SUPERGRAPH_CHANGED' } }],
  });
  t.equal(await nicks.next(), null);
  await news.reached(1);
  news.change(5);
  t.same(await names.next(), answer(5));
});

t.test('a subgraph that moves is subscribed to where it is now', async (t) => {
  const news = await startNews(t);
  const stream = await news.subscribe(changes);
  await news.reached(1);
  news.change(1);
  t.same(await stream.next(), answer(1));
  const both = news.reached(2);
  await news.app.castellan.supergraph.replace(news.sdl.moved);
  // The new stream is there before the old one is left.
  await both;
  await news.reached(1);
  news.change(2);
  t.same(await stream.next(), answer(2));
  t.equal(news.app.castellan.supergraph.generations, 1);
});

t.test('who leaves after a swap leaves nothing behind', async (t) => {
  const news = await startNews(t);
  const leaving = new AbortController();
  await news.subscribe(changes, 'text/event-stream', leaving.signal);
  await news.reached(1);
  await news.app.castellan.supergraph.replace(news.sdl.withoutNick);
  leaving.abort();
  await news.reached(0);
});
