import type { FastifyInstance } from 'fastify';
import t, { type Test } from 'tap';
import { Type } from 'typebox';
import { definePlugin, type InternalOperation, use } from '#gateway/plugin.ts';
import { blog } from '#test/support/blog.ts';
import { startOpenGateway } from '#test/support/open-gateway.ts';

/** A gateway with a route that answers what it asks the graph, and GraphQL at another address. */
async function start(
  t: Test,
  operation: InternalOperation,
  prepare?: (app: FastifyInstance) => void,
) {
  const plugin = definePlugin({
    name: 'asks',
    options: Type.Object({}),
    register(app) {
      app.route({
        method: ['GET', 'POST'],
        url: '/asks',
        handler: (request, reply) => app.castellan.ask(request, reply, operation),
      });
      app.castellan.addGraphqlRoute({
        url: '/elsewhere/:name/graphql',
        async onRequest({ params }) {
          const { name } = params as { name: string };
          if (name === 'closed') throw new TypeError('closed');
        },
      });
      prepare?.(app);
    },
  });
  const gateway = await startOpenGateway(blog, { plugins: [use(plugin)] });
  t.teardown(() => gateway.close());
  return gateway;
}

t.test('a route asks the graph in the name of the request, and its hooks run', async (t) => {
  const seen: unknown[] = [];
  const { url, calls } = await start(
    t,
    { source: 'query ($id: ID!) { user(id: $id) { name } }', variables: { id: '2' } },
    (app) => {
      app.castellan.addHook('preParsing', (_schema, source, { request, isInternal }) => {
        seen.push([request.url, source.slice(0, 5), isInternal]);
      });
    },
  );
  const response = await fetch(`${url}/asks`);
  t.match(await response.json(), { data: { user: { name: 'Bob' } } });
  t.strictSame(seen, [['/asks', 'query', true]]);
  t.equal(calls.length, 1);
});

t.test('an operation of ours that is refused is an error of the route', async (t) => {
  const { url } = await start(t, { source: '{ nothing }' });
  const response = await fetch(`${url}/asks`, {
    headers: { accept: 'application/graphql-response+json' },
  });
  t.equal(response.status, 400);
  t.match(await response.json(), {
    errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  });
});

t.test(
  'GraphQL is the same at another address: GET, POST, batches, and what is refused',
  async (t) => {
    const { url } = await start(t, { source: '{ __typename }' });
    const query = '{ users { name } }';
    const send = async (address: string, init: RequestInit = {}, search = '') => {
      const response = await fetch(`${url}${address}${search}`, init);
      const { status, headers } = response;
      return [status, headers.get('content-type'), headers.get('allow'), await response.text()];
    };
    const post = (body: string, headers: Record<string, string> = {}) => ({
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    const requests: readonly (readonly [RequestInit, string?])[] = [
      [post(JSON.stringify({ query }))],
      [post(JSON.stringify({ query }), { accept: 'application/graphql-response+json' })],
      [post(JSON.stringify({ query }), { accept: 'image/png' })],
      [post(JSON.stringify([{ query }, { query: '{ x }' }, {}]))],
      [post(JSON.stringify([]))],
      [post('{')],
      [post('query=x', { 'content-type': 'application/x-www-form-urlencoded' })],
      [post(query, { 'content-type': 'application/graphql' })],
      [post(JSON.stringify({ query: 7 }))],
      [post(JSON.stringify({ query: 'x'.repeat(2_000_000) }))],
      [{}, `?query=${encodeURIComponent(query)}`],
      [{}, `?query=${encodeURIComponent('mutation { __typename }')}`],
      [{ method: 'PUT' }],
      [{ method: 'DELETE' }],
      [{ method: 'HEAD' }, `?query=${encodeURIComponent(query)}`],
    ];
    for (const [init, search] of requests) {
      const [here, there] = [
        await send('/graphql', init, search),
        await send('/elsewhere/x/graphql', init, search),
      ];
      t.strictSame(
        there,
        here,
        `${init.method ?? 'GET'} ${String(init.body ?? search).slice(0, 60)}`,
      );
    }
  },
);

t.test('what is asked for at another address is asked for before its body is read', async (t) => {
  const { url } = await start(t, { source: '{ __typename }' });
  const response = await fetch(`${url}/elsewhere/closed/graphql`, { method: 'POST', body: '{' });
  t.equal(response.status, 500);
});

t.test('an address that comes after the routes is a mistake of whoever adds it', async (t) => {
  const { app } = await start(t, { source: '{ __typename }' });
  t.throws(() => app.castellan.addGraphqlRoute({ url: '/late' }), TypeError);
});
