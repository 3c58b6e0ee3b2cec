import t from 'tap';
import { startNews } from '#test/gateway/subscriptions/support/news.ts';
import { connectWith } from '#test/support/web-socket-client.ts';

t.test('a swap keeps what still fits, and ends what does not with its reason', async (t) => {
  const news = await startNews(t);
  const client = connectWith(t, `${news.url.replace('http', 'ws')}/graphql`);
  const names = client.iterate({
    query: 'subscription { personChanged { name posts { title } } }',
  });
  const nicks = client.iterate({ query: 'subscription { personChanged { nick } }' });
  const [name, nick] = [names.next(), nicks.next()];
  await news.reached(2);
  const refused = t.rejects(nick, [
    { message: /nick/, extensions: { code: 'SUPERGRAPH_CHANGED' } },
  ] as never);
  await news.app.castellan.supergraph.replace(news.sdl.withoutNick);
  await refused;
  await news.reached(1);
  news.change(7);
  t.match(await name, {
    value: { data: { personChanged: { name: 'Person 7', posts: [{ title: 'by 7' }] } } },
  });
  t.equal(news.app.castellan.supergraph.generations, 1);
  await client.dispose();
  await news.reached(0);
});
