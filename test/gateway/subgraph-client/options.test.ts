import t from 'tap';
import { defineConfig } from '#gateway/settings.ts';
import { blog } from '#test/support/blog.ts';
import { startOpenGateway } from '#test/support/open-gateway.ts';
import { connect, type SubgraphsSettings } from './support/connect.ts';

const read = (subgraphs: SubgraphsSettings) =>
  defineConfig({ plugins: [], subgraphs }).settings.subgraphs;

t.test('every option has a default', async (t) => {
  const { bySubgraph, ...common } = read({});
  t.same(bySubgraph, {});
  t.same(common, {
    connections: 100,
    keepAliveMs: 4_000,
    connectTimeoutMs: 2_000,
    firstByteTimeoutMs: 15_000,
    timeoutMs: 30_000,
    maxResponseBytes: 33_554_432,
    shareInFlight: true,
    retry: { maxRetries: 1, backoffMs: 25, maxBackoffMs: 250, budgetRatio: 0.2, budgetBurst: 10 },
    circuitBreaker: {
      enabled: true,
      failureRatio: 0.5,
      minimumCalls: 20,
      windowMs: 10_000,
      openMs: 1_000,
    },
    propagateHeaders: [],
    traceparent: 'start',
    compression: { accept: [], requests: 'off', requestsFromBytes: 4_096 },
    subscriptions: {
      protocol: 'auto',
      url: '',
      openTimeoutMs: 10_000,
      pingMs: 30_000,
      idleTimeoutMs: 0,
      maxEventBytes: 1_048_576,
      maxStreams: 10_000,
      bufferedEvents: 256,
      bufferedBytes: 8_388_608,
      share: true,
    },
  });
});

t.test('a subgraph may differ in single options; the others are those of all', async (t) => {
  const { bySubgraph, ...common } = read({
    timeoutMs: 900,
    retry: { maxRetries: 3 },
    bySubgraph: {
      products: { timeoutMs: 500, retry: { backoffMs: 7 }, propagateHeaders: ['x-tenant'] },
    },
  });
  t.same(Object.keys(bySubgraph), ['products']);
  t.same(bySubgraph.products, {
    ...common,
    timeoutMs: 500,
    retry: { ...common.retry, backoffMs: 7 },
    propagateHeaders: ['x-tenant'],
  });
  t.equal(common.timeoutMs, 900);
  t.equal(bySubgraph.products?.retry.maxRetries, 3);
  t.ok(Object.isFrozen(bySubgraph.products) && Object.isFrozen(bySubgraph.products?.retry));
});

t.test('a wrong option stops the boot with the path of the mistake', async (t) => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{ timeoutMs: 0 }, /subgraphs\.timeoutMs/],
    // Node would fire such a timer at once.
    [{ timeoutMs: 2 ** 31 }, /subgraphs\.timeoutMs/],
    [{ subscriptions: { protocol: 'ws' } }, /subgraphs\.subscriptions\.protocol/],
    [{ subscriptions: { pingMs: 0 } }, /subgraphs\.subscriptions\.pingMs/],
    [{ retry: { maxRetries: -1 } }, /subgraphs\.retry\.maxRetries/],
    [{ retry: { budget: 1 } }, /subgraphs\.retry\.budget is not an option/],
    [{ circuitBreaker: { failureRatio: 0 } }, /subgraphs\.circuitBreaker\.failureRatio/],
    [{ compression: { accept: ['zip'] } }, /subgraphs\.compression\.accept/],
    [{ traceparent: 'always' }, /subgraphs\.traceparent/],
    [
      { bySubgraph: { products: { timeoutMs: 'x' } } },
      /subgraphs\.bySubgraph\.products: timeoutMs/,
    ],
    [{ bySubgraph: { products: { timeout: 1 } } }, /products: timeout is not an option/],
    [{ bySubgraph: { products: { retry: 1 } } }, /products: retry/],
    [{ bySubgraph: { products: { bySubgraph: {} } } }, /products: bySubgraph is not an option/],
  ];
  for (const [subgraphs, message] of wrong) {
    t.throws(() => read(subgraphs as SubgraphsSettings), {
      code: 'CONFIGURATION_INVALID',
      message,
    });
  }
});

t.test('options of a subgraph that does not exist stop the boot', async (t) => {
  const bySubgraph = { usres: { timeoutMs: 1 } };
  t.throws(() => connect(t, 'http://127.0.0.1/', { bySubgraph }), {
    code: 'CONFIGURATION_INVALID',
    message: 'castellan.config.ts: subgraphs.bySubgraph.usres is no subgraph; there are: users',
  });
});

t.test('one subgraph has its own bounds, and costs only its own fields', async (t) => {
  const gateway = await startOpenGateway(blog, {
    subgraphs: { bySubgraph: { users: { maxResponseBytes: 10 } } },
  });
  t.teardown(() => gateway.close());
  const { data, errors } = await gateway.ask('{ hello me { name } }');
  t.same(data, { hello: 'hi', me: null });
  t.match(errors, [
    { path: ['me'], extensions: { code: 'SUBGRAPH_INVALID_RESPONSE', service: 'users' } },
  ]);
});
