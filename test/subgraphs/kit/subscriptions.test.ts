import { EventEmitter, on, once } from 'node:events';
import t, { type Test } from 'tap';
import { anonymousCaller, type Caller, openCaller } from '#contract/caller.ts';
import { CLAIMS_HEADER } from '#contract/claims.ts';
import { createSubgraph, requireCaller, type SubgraphContext } from '#subgraphs/kit/index.ts';
import { connect } from '#test/gateway/subgraph-client/support/connect.ts';
import { createClaimsIssuer } from '../support/claims-issuer.ts';

const issuer = await createClaimsIssuer();
const ada: Caller = { ...openCaller, kind: 'key', subject: 'ada' };

async function start(t: Test, maxSubscriptions?: number) {
  const emitter = new EventEmitter();
  const changes = new EventEmitter();
  let open = 0;
  const app = await createSubgraph({
    name: 'users',
    typeDefs: `
      type Query { hello: String }
      type Subscription { tick(from: Int): Tick mine: String broken: String }
      type Tick { value: Int! who: String risky: String }
    `,
    resolvers: [
      {
        Query: { hello: () => 'hello' },
        Subscription: {
          tick: {
            async *subscribe(
              _: unknown,
              { from = 0 }: { from?: number },
              { signal }: SubgraphContext,
            ) {
              open += 1;
              changes.emit('change');
              try {
                for await (const [value] of on(emitter, 'tick', { signal, close: ['end'] })) {
                  if (value >= from) yield { tick: { value } };
                }
              } finally {
                open -= 1;
                changes.emit('change');
              }
            },
          },
          mine: {
            subscribe: (_: unknown, __: unknown, context: never) => {
              requireCaller(context);
              return on(emitter, 'mine');
            },
          },
          broken: {
            subscribe: () => {
              throw new Error('password is swordfish');
            },
          },
        } as never,
        Tick: {
          who: (_: unknown, __: unknown, { caller }) => caller.subject,
          risky: () => {
            throw new Error('password is swordfish');
          },
        },
      },
    ],
    claims: { keys: issuer.keys },
    maxSubscriptions,
  });
  t.teardown(() => app.close());
  return {
    app,
    tick: (value: number) => void emitter.emit('tick', value),
    end: () => void emitter.emit('end'),
    async opened(expected: number) {
      while (open !== expected) await once(changes, 'change');
    },
  };
}

/** A gateway's client in front of it, over HTTP and inside the process. */
const ways = ['over HTTP', 'inside the process'] as const;
async function front(
  t: Test,
  way: (typeof ways)[number],
  { app }: Awaited<ReturnType<typeof start>>,
) {
  const isLocal = way === 'inside the process';
  const url = isLocal
    ? 'http://users.invalid/graphql'
    : `${await app.listen({ host: '127.0.0.1', port: 0 })}/graphql`;
  const client = connect(t, url, {}, undefined, {
    local: new Map(isLocal ? [['users', app]] : []),
  });
  client.hooks.add('preFetch', async ({ headers }, { caller }) => {
    headers[CLAIMS_HEADER] = await issuer.mint(caller, 'users', Date.now());
  });
  return client;
}

const body = JSON.stringify({
  query: 'subscription ($from: Int) { tick(from: $from) { value who } }',
  variables: { from: 1 },
});

for (const way of ways) {
  t.test(`${way}: events come with the caller's rights, and completion`, async (t) => {
    const subgraph = await start(t);
    const { subscribe } = await front(t, way, subgraph);
    const events = await subscribe({ body, caller: ada });
    await subgraph.opened(1);
    for (const value of [0, 1, 2]) subgraph.tick(value);
    t.same((await events.next()).value?.data, { tick: { value: 1, who: 'ada' } });
    t.same((await events.next()).value?.data, { tick: { value: 2, who: 'ada' } });
    subgraph.end();
    t.same(await events.next(), { done: true, value: undefined });
    await subgraph.opened(0);
  });

  t.test(`${way}: whoever leaves ends the resolver's iterator`, async (t) => {
    const subgraph = await start(t, 1);
    const { subscribe } = await front(t, way, subgraph);
    const events = await subscribe({ body });
    await subgraph.opened(1);
    t.match(await (await subscribe({ body, caller: ada })).next(), {
      value: { errors: [{ extensions: { code: 'OVERLOADED' } }], status: 503 },
    });
    await events.return?.();
    await subgraph.opened(0);
    await t.resolves(subscribe({ body, caller: ada }), 'and makes room');
  });

  t.test(`${way}: what is refused has a code, and does not count as open`, async (t) => {
    const subgraph = await start(t, 1);
    const { subscribe } = await front(t, way, subgraph);
    const refusals: Readonly<Record<string, string>> = {
      'subscription {': 'GRAPHQL_PARSE_FAILED',
      'subscription { nothing }': 'GRAPHQL_VALIDATION_FAILED',
      'subscription ($from: Int!) { tick(from: $from) { value } }': 'BAD_USER_INPUT',
      'subscription { tick(from: "x") { value } }': 'GRAPHQL_VALIDATION_FAILED',
      '{ hello }': 'NOT_ACCEPTABLE',
      'subscription { mine }': 'UNAUTHENTICATED',
      'subscription { broken }': 'INTERNAL_SERVER_ERROR',
    };
    for (const [query, code] of Object.entries(refusals)) {
      const events = await subscribe({ body: JSON.stringify({ query }), caller: anonymousCaller });
      const { value } = await events.next();
      t.match(value, { data: null, errors: [{ extensions: { code } }] }, query);
      t.notMatch(JSON.stringify(value), /swordfish/);
    }
    const bad = await subscribe({ body: '{"variables":{}}' });
    t.match(await bad.next(), { value: { errors: [{ extensions: { code: 'BAD_REQUEST' } }] } });
  });

  t.test(`${way}: an error of an event shows nothing that is not for callers`, async (t) => {
    const subgraph = await start(t);
    const { subscribe } = await front(t, way, subgraph);
    const events = await subscribe({ body: '{"query":"subscription{tick{value risky}}"}' });
    await subgraph.opened(1);
    subgraph.tick(1);
    t.match(await events.next(), {
      value: {
        data: { tick: { value: 1, risky: null } },
        errors: [{ path: ['tick', 'risky'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
      },
    });
  });

  t.test(`${way}: a subgraph that closes cuts its streams: they are not complete`, async (t) => {
    const subgraph = await start(t);
    const { subscribe } = await front(t, way, subgraph);
    const events = await subscribe({ body });
    await subgraph.opened(1);
    await subgraph.app.close();
    await t.rejects(events.next(), { code: 'SUBGRAPH_UNAVAILABLE', reason: 'broken-off' });
    await subgraph.opened(0);
  });
}

t.test('without valid claims no subscription begins', async (t) => {
  const subgraph = await start(t);
  const { subscribe, hooks } = await front(t, 'over HTTP', subgraph);
  hooks.add('preFetch', ({ headers }) => {
    headers[CLAIMS_HEADER] = 'garbage';
  });
  const events = await subscribe({ body });
  t.match(await events.next(), {
    value: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }], status: 401 },
  });
});
