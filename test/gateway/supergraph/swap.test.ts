import { once } from 'node:events';
import t from 'tap';
import { Type } from 'typebox';
import { definePlugin, use } from '#gateway/plugin.ts';
import type { Supergraph } from '#gateway/supergraph/supergraph.ts';
import { startTwoVersions } from './support/two-versions.ts';

t.test('from a swap on, requests get the new supergraph', async (t) => {
  const graph = await startTwoVersions(t);
  const { supergraph } = graph.app.castellan;
  t.match(await graph.ask('{ me { email } }'), { errors: [{ message: /email/ }] });
  t.same(await supergraph.replace(graph.after), { kind: 'swapped' });
  t.same(await graph.ask('{ me { email posts { title } } }'), {
    data: { me: { email: 'ann@example.com', posts: [{ title: 'One' }] } },
  });
  t.match(await graph.ask('{ gone }'), { errors: [{ message: /gone/ }] });
  t.match(await graph.ask('{ __type(name: "User") { fields { name } } }'), {
    data: {
      __type: { fields: [{ name: 'id' }, { name: 'posts' }, { name: 'name' }, { name: 'email' }] },
    },
  });
  t.equal(graph.app.graphql.schema, supergraph.served.schema, 'what third parties find is it too');
  t.same([supergraph.swaps, supergraph.swapsRefused, supergraph.generations], [1, 0, 1]);
  t.equal(graph.logged(/a new supergraph is served/).length, 1);
});

t.test(
  'a request under way ends on the supergraph it began with; then that one is closed',
  async (t) => {
    const closed = Promise.withResolvers<void>();
    let isClosed = false;
    const graph = await startTwoVersions(t, {
      first: (loaded) => ({
        ...loaded,
        close: async () => {
          await loaded.close();
          isClosed = true;
          closed.resolve();
        },
      }),
    });
    const { supergraph } = graph.app.castellan;
    const held = graph.holdUsers();
    const answer = graph.ask('{ gone me { name posts { title } } }');
    await held.arrived;
    await supergraph.replace(graph.after);
    t.equal(supergraph.generations, 2, 'both are alive');
    t.same(await graph.ask('{ me { email } }'), { data: { me: { email: 'ann@example.com' } } });
    t.notOk(isClosed, 'a request is still in it');

    held.letGo();
    t.same(await answer, {
      data: { gone: 'here', me: { name: 'Ann', posts: [{ title: 'One' }] } },
    });
    await closed.promise;
    t.equal(supergraph.generations, 1);
    await supergraph.replace(graph.before);
    await graph.disconnected();
    t.equal(graph.connections(), 0, 'nor are connections of old ones left');
  },
);

t.test(
  'one that cannot be served is refused with its reason, and the old one goes on',
  async (t) => {
    const graph = await startTwoVersions(t, {
      settings: { subgraphs: { bySubgraph: { posts: { timeoutMs: 1_000 } } } },
      source: () => ({ place: 'supergraph.graphql', read: async () => null }),
    });
    const { castellan } = graph.app;
    let pluginSays: Error | null = null;
    castellan.addHook('onSupergraph', () => {
      if (pluginSays !== null) throw pluginSays;
    });
    const cases: readonly (readonly [name: string, sdl: string, reason: RegExp, Error?])[] = [
      ['no GraphQL', 'type Query {\n  a: Int', /supergraph\.graphql:2:\d+: Syntax Error/],
      ['nothing', '', /supergraph\.graphql:1:1: Syntax Error/],
      ['a schema that was not composed', 'type Query { a: Int }', /names no subgraphs/],
      ['a type that is nowhere', graph.after.replace('title: String', 'title: Strin'), /Strin/],
      ['a query type without fields', emptied(graph.after), /Query/],
      [
        'what the planner cannot load',
        graph.after.replaceAll(/@join__type\(graph: USERS[^)]*\)/g, '@join__type(graph: NOWHERE)'),
        /supergraph\.graphql/,
      ],
      [
        'options of a subgraph that it lacks',
        graph.after.replaceAll('posts"', 'texts"'),
        /bySubgraph\.posts is no subgraph/,
      ],
      [
        'no URL for a subgraph',
        graph.after.replace(/url: "http:[^"]*"/, 'url: ""'),
        /has no http URL/,
      ],
      [
        'a plugin that refuses',
        graph.after,
        /my rules do not fit/,
        new Error('my rules do not fit'),
      ],
    ];
    for (const [name, sdl, reason, thrown = null] of cases) {
      pluginSays = thrown;
      const refused = castellan.supergraph.swapsRefused;
      const outcome = await castellan.supergraph.replace(sdl);
      t.match(outcome, { kind: 'refused', error: { message: reason } }, name);
      t.equal(castellan.supergraph.swapsRefused, refused + 1);
      const lines = graph.logged(
        /the new supergraph is refused and the one that is served goes on/,
      );
      t.equal(lines.length, refused + 1, 'one line');
      t.match(lines.at(-1), reason);
      t.same(await graph.ask('{ gone }'), { data: { gone: 'here' } });
    }
    t.same([castellan.supergraph.swaps, castellan.supergraph.generations], [0, 1]);
  },
);

t.test(
  'of those that come at once the newest is served, and the others are not even loaded',
  async (t) => {
    const graph = await startTwoVersions(t);
    const { supergraph } = graph.app.castellan;
    const outcomes = await Promise.all(
      ['no', 'nor this', graph.after].map((sdl) => supergraph.replace(sdl)),
    );
    t.same(
      outcomes.map(({ kind }) => kind),
      ['superseded', 'superseded', 'swapped'],
    );
    t.equal(supergraph.swapsRefused, 0);
  },
);

t.test('what is asked most is planned before the swap', async (t) => {
  const graph = await startTwoVersions(t, { settings: { supergraph: { preparedOperations: 2 } } });
  const validated: string[] = [];
  graph.app.castellan.addHook('preValidation', (schema) => {
    validated.push(schema === graph.app.castellan.supergraph.served.schema ? 'current' : 'old');
  });
  let plans = 0;
  graph.app.castellan.addHook('onSupergraph', (supergraph: Supergraph) => {
    const { planner } = supergraph;
    const plan = planner.plan.bind(planner);
    planner.plan = (...call) => {
      plans += 1;
      return plan(...call);
    };
  });
  const hot = 'query Q($more: Boolean!) { me { name posts @include(if: $more) { title } } }';
  for (const more of [true, false, true]) await graph.ask(hot, { more });
  await graph.ask('{ gone }');
  await graph.ask('{ gone }');
  await graph.ask('{ me { id } }');
  validated.length = 0;
  await graph.app.castellan.supergraph.replace(graph.after);
  t.equal(
    graph.logged(/an operation is not prepared/).length,
    1,
    'what no longer fits is left out',
  );

  for (const more of [true, false]) await graph.ask(hot, { more });
  t.equal(plans, 0, 'in all the forms that were asked');
  t.same(validated, ['current'], 'and hooks have seen it, once, when it was asked');
  await graph.ask('{ me { id } }');
  t.equal(plans, 1, 'no more of them than the settings say');
});

t.test(
  'plugins hear of each supergraph: when the gateway is ready, and before a swap',
  async (t) => {
    const heard: Supergraph[] = [];
    const rules = definePlugin({
      name: 'rules',
      options: Type.Object({}),
      register(app) {
        app.castellan.addHook('onSupergraph', (next) => void heard.push(next));
      },
    });
    const graph = await startTwoVersions(t, { plugins: [use(rules)] });
    const { supergraph } = graph.app.castellan;
    t.ok(heard.length === 1 && heard[0] === supergraph.served);
    graph.app.castellan.addHook('onSupergraph', () => {
      t.equal(heard[0], supergraph.served, 'the one before is still served');
    });
    await supergraph.replace(graph.after);
    t.ok(heard.length === 2 && heard[1] === supergraph.served);
  },
);

t.test('a swap that is under way when the gateway closes changes nothing', async (t) => {
  const graph = await startTwoVersions(t);
  const { supergraph } = graph.app.castellan;
  let closing: Promise<unknown> | null = null;
  graph.app.castellan.addHook('onSupergraph', async () => {
    const hasStopped = once(graph.app.server, 'close');
    closing = graph.app.close();
    await hasStopped;
  });
  const outcome = await supergraph.replace(graph.after);
  await closing;
  t.match(outcome, { kind: 'refused', error: { code: 'SHUTTING_DOWN' } });
  t.same([supergraph.swaps, supergraph.swapsRefused], [0, 0]);
});

/** A supergraph whose Query has lost its fields. */
function emptied(sdl: string): string {
  return sdl.replace(/(type Query[^{]*)\{[^}]*\}/, '$1');
}
