import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { Defer20220824Handler, GraphQL17Alpha9Handler } from '@apollo/client/incremental';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import t, { type Test } from 'tap';
import { type LiveCastellan, startLive, TICKED } from '#test/support/live-castellan.ts';
import { connectWith } from '#test/support/web-socket-client.ts';

type Link = ConstructorParameters<typeof ApolloClient>[0]['link'];

const links: Readonly<Record<string, (t: Test, live: LiveCastellan, key: string) => Link>> = {
  GraphQLWsLink: (t, { webSocketUrl }, key) =>
    new GraphQLWsLink(connectWith(t, webSocketUrl, { Authorization: `Bearer ${key}` })),
  'HttpLink, in parts': (_, { url }, key) =>
    new HttpLink({ uri: `${url}/graphql`, headers: { authorization: `Bearer ${key}` } }),
};

for (const [name, linkTo] of Object.entries(links)) {
  t.test(`Apollo Client with ${name}: a subscription`, async (t) => {
    const live = await startLive(t);
    const { key } = await live.createKey(await live.signUp());
    const client = new ApolloClient({ link: linkTo(t, live, key), cache: new InMemoryCache() });
    t.teardown(() => client.stop());
    const events: unknown[] = [];
    const both = Promise.withResolvers<void>();
    const subscription = client.subscribe({ query: gql(TICKED) }).subscribe({
      next({ data, error }) {
        if (error !== undefined) both.reject(error);
        events.push(data);
        if (events.length === 2) both.resolve();
      },
      error: both.reject,
    });
    await live.subscribed(1);
    live.tick('a');
    live.tick('b');
    await both.promise;
    t.match(events, [
      { ticked: { id: 'a', name: 'tick a', who: /^user_/ } },
      { ticked: { id: 'b', name: 'tick b', reader: /^user_/ } },
    ]);
    subscription.unsubscribe();
    await live.subscribed(0);
  });
}

for (const [format, incrementalHandler] of [
  ['20220824', new Defer20220824Handler()],
  ['v0.2', new GraphQL17Alpha9Handler()],
] as const) {
  t.test(`Apollo Client: @defer in the format ${format}`, async (t) => {
    const live = await startLive(t);
    const { key } = await live.createKey(await live.signUp('ann@example.com'));
    const client = new ApolloClient({
      link: links['HttpLink, in parts']?.(t, live, key) as Link,
      cache: new InMemoryCache(),
      // Its two formats have types that differ in what they leave out.
      incrementalHandler: incrementalHandler as Defer20220824Handler,
    });
    t.teardown(() => client.stop());
    const states: unknown[] = [];
    const whole = Promise.withResolvers<void>();
    const query = gql`
      {
        hello
        ... @defer {
          me {
            id
            email
          }
        }
      }
    `;
    client.watchQuery({ query, fetchPolicy: 'network-only' }).subscribe({
      next({ data, dataState, error }) {
        if (error !== undefined) whole.reject(error);
        if (dataState !== 'empty') states.push(structuredClone(data));
        if (dataState === 'complete') whole.resolve();
      },
      error: whole.reject,
    });
    await whole.promise;
    t.match(states.at(0), { hello: 'hello', me: undefined });
    t.match(states.at(-1), { hello: 'hello', me: { id: /^user_/, email: 'ann@example.com' } });
  });
}
