import { request as httpRequest } from 'node:http';
import { composeServices } from '@apollo/composition';
import Fastify from 'fastify';
import { parse } from 'graphql';
import t, { type Test } from 'tap';
import { Type } from 'typebox';
import { CodedError } from '#contract/errors.ts';
import {
  definePlugin,
  type PluginSubgraph,
  type PluginSubgraphContext,
  use,
} from '#gateway/plugin.ts';
import { createPluginSubgraphs } from '#gateway/subgraph-client/plugin-subgraphs.ts';
import { hideSubgraphs } from '#gateway/supergraph/hide-subgraphs.ts';
import { loadSupergraph } from '#gateway/supergraph/supergraph.ts';
import { blog } from '#test/support/blog.ts';
import { type OpenGateway, startOpenGateway } from '#test/support/open-gateway.ts';
import { federated, type SubgraphFixture } from '#test/support/subgraph-server.ts';

const typeDefs = `
  type Query {
    whoami: String
    login(name: String!): Boolean
    refused: String
    crash: String
    never: String
    shared: Shared
  }
  type Mutation { touch: Int! }
  type User @key(fields: "id") { id: ID! badge: String }
  type Badge { name: String }
  type Shared @shareable { id: ID! }`;

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])`;

const others = {
  ...blog,
  // In the supergraph under this name; the plugin answers it, and this server must not be called.
  desk: { typeDefs, resolvers: {} },
};

type Context = PluginSubgraphContext;

function desk(
  changes: Partial<PluginSubgraph> = {},
): PluginSubgraph & { readonly logins: string[] } {
  const logins: string[] = [];
  return {
    name: 'desk',
    typeDefs: link + typeDefs,
    sideEffects: ['login'],
    resolvers: {
      Query: {
        whoami: (_: unknown, __: unknown, { caller, request }: Context) =>
          `${caller.kind} ${request.headers['x-from']}`,
        login: (_: unknown, { name }: { name: string }, { reply }: Context) => {
          logins.push(name);
          reply.header('set-cookie', `name=${name}`);
          return true;
        },
        refused: () => {
          throw new CodedError('RATE_LIMITED');
        },
        crash: () => {
          throw new Error('the password is hunter2');
        },
        never: () => new Promise(() => undefined),
        shared: () => ({ id: 's' }),
      },
      Mutation: { touch: () => logins.push('touch') },
      User: { badge: ({ id }: { id: string }) => `badge of ${id}` },
    },
    ...changes,
    logins,
  };
}

async function start(
  t: Test,
  subgraph: PluginSubgraph | null,
  settings: Parameters<typeof startOpenGateway>[1] = {},
  url = 'http://desk.invalid/',
): Promise<OpenGateway> {
  const plugin = definePlugin({
    name: 'desk',
    options: Type.Object({}),
    register(app) {
      if (subgraph !== null) app.castellan.addSubgraph(subgraph);
    },
  });
  const gateway = await startOpenGateway(
    others,
    { plugins: [use(plugin)], ...settings },
    { desk: url },
  );
  t.teardown(() => gateway.close());
  return gateway;
}

t.test('a plugin answers a subgraph, entities too, and nobody is called for it', async (t) => {
  const gateway = await start(t, desk());
  const fetches: unknown[] = [];
  gateway.app.castellan.addHook('onFetch', ({ subgraph, isInside }, { status, error }) => {
    fetches.push([subgraph, isInside, status, error]);
  });
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-from': 'here' },
    body: JSON.stringify({ query: '{ whoami users { name badge } }' }),
  });
  t.same(await response.json(), {
    data: {
      whoami: 'anonymous here',
      users: [
        { name: 'Ann', badge: 'badge of 1' },
        { name: 'Bob', badge: 'badge of 2' },
      ],
    },
  });
  t.same([...new Set(gateway.calls.map(({ subgraph }) => subgraph))], ['users']);
  t.strictSame(
    fetches.filter((each) => Array.isArray(each) && each[0] === 'desk'),
    [
      ['desk', true, 200, null],
      ['desk', true, 200, null],
    ],
  );
});

t.test(
  'its errors are those of a subgraph: coded as they are, others without a word',
  async (t) => {
    const gateway = await start(t, desk());
    const answer = await gateway.ask('{ refused crash hello }');
    t.same(answer.data, { refused: null, crash: null, hello: 'hi' });
    t.match(answer.errors, [
      { path: ['refused'], extensions: { code: 'RATE_LIMITED', service: 'desk' } },
      { path: ['crash'], extensions: { code: 'INTERNAL_SERVER_ERROR', service: 'desk' } },
    ]);
    t.notMatch(JSON.stringify(answer), 'hunter2');
  },
);

t.test('one that does not answer is given up in time', async (t) => {
  const gateway = await start(t, desk(), {
    subgraphs: { bySubgraph: { desk: { timeoutMs: 20 } } },
  });
  const { data, errors } = await gateway.ask('{ never hello }');
  t.same(data, { never: null, hello: 'hi' });
  t.match(errors, [{ path: ['never'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
});

t.test(
  'a query field with side effects is sent by POST alone, and carried out each time',
  async (t) => {
    const subgraph = desk();
    const gateway = await start(t, subgraph);
    const mutations: unknown[] = [];
    gateway.app.castellan.addHook('onMutation', ({ subgraph, repeatable }) => {
      mutations.push([subgraph, repeatable]);
    });
    const get = (query: string, variables: object = {}): Promise<Response> => {
      const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
      return fetch(`${gateway.url}/graphql?${search}`);
    };
    for (const query of [
      '{ login(name: "x") }',
      '{ hello ... on Query { a: login(name: "x") } }',
      'query ($on: Boolean = true) { ...F @include(if: $on) } fragment F on Query { login(name: "x") }',
    ]) {
      const refused = await get(query);
      t.equal(refused.status, 405, query);
      t.match(await refused.json(), { errors: [{ extensions: { code: 'METHOD_NOT_ALLOWED' } }] });
    }
    t.same(subgraph.logins, []);
    const skipped = await get(
      'query ($on: Boolean!) { hello login(name: "x") @include(if: $on) }',
      {
        on: false,
      },
    );
    t.same(await skipped.json(), { data: { hello: 'hi' } });
    t.equal((await get('{ whoami }')).status, 200, 'other fields can be asked with GET');

    const query = '{ login(name: "y") }';
    const answers = await Promise.all(Array.from({ length: 5 }, () => gateway.ask(query)));
    t.same(
      answers,
      Array.from({ length: 5 }, () => ({ data: { login: true } })),
    );
    t.equal(subgraph.logins.length, 5, 'identical calls are not one');
    t.same(
      mutations,
      Array.from({ length: 5 }, () => ['desk', false]),
    );
  },
);

t.test('its resolvers reach the reply', async (t) => {
  const gateway = await start(t, desk());
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ login(name: "z") }' }),
  });
  t.equal(response.headers.get('set-cookie'), 'name=z');
});

t.test('what has side effects is carried out although its client leaves', async (t) => {
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const done = Promise.withResolvers<string>();
  const subgraph = desk();
  const gateway = await start(t, {
    ...subgraph,
    resolvers: {
      Query: {
        login: async () => {
          begun.resolve();
          await goOn.promise;
          done.resolve('carried out');
          return true;
        },
      },
    },
  });
  const outcome = Promise.withResolvers<Error | null>();
  gateway.app.castellan.addHook('onFetch', (_, { error }) => outcome.resolve(error));
  const client = httpRequest(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  client.on('error', () => undefined);
  client.end(JSON.stringify({ query: '{ login(name: "x") }' }));
  await begun.promise;
  const closed = new Promise((resolve) => client.once('close', resolve));
  client.destroy();
  await closed;
  goOn.resolve();
  t.equal(await done.promise, 'carried out');
  t.equal(await outcome.promise, null, 'the call was not given up');
});

const hidden = ['whoami', 'login', 'refused', 'crash', 'never', 'shared'];

t.test('while no plugin is it, nobody sees anything of it, and nobody is called', async (t) => {
  const gateway = await start(t, null);
  const { data } = await gateway.ask(
    '{ __schema { mutationType { fields { name } } queryType { fields { name } } types { name } } u: __type(name: "User") { fields { name } } }',
  );
  const text = JSON.stringify(data);
  for (const name of [...hidden, 'touch', 'badge', 'Shared', 'Badge']) {
    t.notOk(text.includes(`"${name}"`), name);
  }
  t.ok(text.includes('"hello"') && text.includes('"addPost"'));
  for (const query of ['{ whoami }', '{ users { badge } }', 'mutation { touch }']) {
    t.match(await gateway.ask(query), {
      data: undefined,
      errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
  }
  t.same((await gateway.ask('{ users { name } hello }')).data, {
    users: [{ name: 'Ann' }, { name: 'Bob' }],
    hello: 'hi',
  });
  t.notOk(gateway.calls.some(({ subgraph }) => subgraph === 'desk'));
});

t.test('a supergraph in which nothing else is cannot be served', async (t) => {
  const supergraph = await loadSupergraph(supergraphOf({ desk: { typeDefs, resolvers: {} } }));
  t.teardown(() => supergraph.close());
  t.throws(() => hideSubgraphs(supergraph, new Set(['desk'])), {
    code: 'CONFIGURATION_INVALID',
    message: /the subgraph desk/,
  });
});

t.test('a subgraph with a place of its own is called there, whatever a plugin says', async (t) => {
  const subgraph = desk();
  const { port } = await startElsewhere(t);
  const gateway = await start(t, subgraph, {}, `http://127.0.0.1:${port}/`);
  const answer = await gateway.ask('{ whoami }');
  t.same(answer, { data: { whoami: 'from elsewhere' } });
});

async function startElsewhere(t: Test): Promise<{ readonly port: number }> {
  const app = Fastify();
  app.post('/', async () => ({ data: { whoami: 'from elsewhere' } }));
  t.teardown(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { port: Number(new URL(url).port) };
}

t.test('what cannot be served stops the boot', async (t) => {
  const table: readonly (readonly [Partial<PluginSubgraph>, RegExp])[] = [
    [{ typeDefs: 'type Query {' }, /"desk" of a plugin: Syntax Error/],
    [{ typeDefs: `${link} type Query { a: Nothing }` }, /"desk" of a plugin: .*Nothing/],
    [{ sideEffects: ['signIn'] }, /sideEffects names "signIn"/],
    [
      { typeDefs: `${link} type Query { login: Int } type Subscription { b: Int }`, resolvers: {} },
      /has subscriptions/,
    ],
  ];
  for (const [changes, message] of table) {
    t.throws(() => createPluginSubgraphs().add(desk(changes)), {
      code: 'CONFIGURATION_INVALID',
      message,
    });
  }
});

t.test('there is one of a name, and none comes late', async (t) => {
  const gateway = await start(t, desk());
  t.throws(() => gateway.app.castellan.addSubgraph(desk({ name: 'late' })), TypeError);
  const subgraphs = createPluginSubgraphs();
  subgraphs.add(desk());
  t.throws(() => subgraphs.add(desk()), TypeError);
});

t.test('a new supergraph shows it, and another one hides it again', async (t) => {
  const gateway = await start(t, desk());
  const { castellan } = gateway.app;
  const whole = supergraphOf({ ...blog, desk: { typeDefs, resolvers: {} } });
  const without = supergraphOf(blog);
  t.same(await castellan.supergraph.replace(without), { kind: 'swapped' });
  t.match(await gateway.ask('{ whoami }'), {
    errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  });
  t.same(await castellan.supergraph.replace(whole), { kind: 'swapped' });
  t.match(await gateway.ask('{ whoami }'), { data: { whoami: /anonymous/ } });
});

function supergraphOf(fixtures: Readonly<Record<string, SubgraphFixture>>): string {
  const { supergraphSdl = '' } = composeServices(
    Object.entries(fixtures).map(([name, { typeDefs }]) => ({
      name,
      url: name === 'desk' ? 'http://desk.invalid/' : 'http://127.0.0.1:1/',
      typeDefs: parse(federated(typeDefs)),
    })),
  );
  return supergraphSdl;
}
