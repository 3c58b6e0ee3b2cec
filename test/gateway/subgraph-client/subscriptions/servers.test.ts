import t from 'tap';
import { connect } from '../support/connect.ts';
import {
  type StartServer,
  withGraphqlSse,
  withGraphqlWs,
  withMercurius,
  withYoga,
} from './support/servers.ts';
import { createTicker } from './support/ticker.ts';

const servers: Readonly<Record<string, StartServer>> = {
  'graphql-ws': withGraphqlWs,
  'graphql-sse': withGraphqlSse,
  'GraphQL Yoga': withYoga,
  Mercurius: withMercurius,
};

for (const [name, start] of Object.entries(servers)) {
  t.test(`${name}: events come, and completion, with no configuration`, async (t) => {
    const ticker = createTicker();
    const { subscribe } = connect(t, await start(t, ticker.schema));
    const events = await subscribe();
    await ticker.reached(1);
    ticker.tick(1);
    ticker.tick(2);
    t.same((await events.next()).value, { data: { tick: 1 }, errors: [], status: 200 });
    t.match((await events.next()).value, { data: { tick: 2 } });
    ticker.complete();
    t.same(await events.next(), { done: true, value: undefined });
    await ticker.reached(0);
  });

  t.test(`${name}: whoever leaves ends the subscription there`, async (t) => {
    const ticker = createTicker();
    const { subscribe } = connect(t, await start(t, ticker.schema));
    const events = await subscribe();
    await ticker.reached(1);
    await events.return?.();
    await ticker.reached(0);
    t.same(await events.next(), { done: true, value: undefined });
  });

  t.test(`${name}: what is refused is one result with its errors`, async (t) => {
    const ticker = createTicker();
    const { subscribe } = connect(t, await start(t, ticker.schema));
    const invalid = await subscribe({ body: '{"query":"subscription{nothing}"}' });
    t.match((await invalid.next()).value, { data: null, errors: [{ message: /nothing/ }] });
    t.same(await invalid.next(), { done: true, value: undefined });
    const denied = await subscribe({ body: '{"query":"subscription{denied}"}' });
    t.match((await denied.next()).value, { data: null, errors: [{}] });
    t.same(await denied.next(), { done: true, value: undefined });
  });
}
