import Fastify from 'fastify';
import { GraphQLError, parse } from 'graphql';
import t from 'tap';
import { Type } from 'typebox';
import { CodedError } from '#contract/errors.ts';
import { definePlugin, use } from '#gateway/plugin.ts';
import { defineConfig } from '#gateway/settings.ts';
import { blog } from '#test/support/blog.ts';
import { startOpenGateway } from '#test/support/open-gateway.ts';

const optionsSchema = Type.Object(
  {
    greeting: Type.String({ default: 'hello', minLength: 1 }),
    nested: Type.Object({ deep: Type.Integer({ default: 1 }) }, { default: {} }),
  },
  { additionalProperties: false },
);

t.test('options are whole, copied and frozen when a plugin registers', async (t) => {
  let seen: { readonly greeting: string; readonly nested: { readonly deep: number } } | undefined;
  const plugin = definePlugin({
    name: 'hello',
    options: optionsSchema,
    register(_, options) {
      seen = options;
    },
  });
  const given = { nested: { deep: 7 } };
  await use(plugin, given).register(Fastify());
  given.nested.deep = 8;
  t.same(seen, { greeting: 'hello', nested: { deep: 7 } });
  t.ok(Object.isFrozen(seen) && Object.isFrozen(seen?.nested));
});

t.test('a wrong option stops the boot with the path of the mistake', async (t) => {
  const plugin = definePlugin({ name: 'hello', options: optionsSchema, register() {} });
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{ greeting: '' }, /^plugin hello: greeting /],
    [{ nested: { deep: 'x' } }, /^plugin hello: nested\.deep must be integer/],
    [{ greetnig: 'x' }, /^plugin hello: greetnig is not an option/],
  ];
  for (const [options, message] of wrong) {
    t.throws(() => plugin.configure(options), { code: 'CONFIGURATION_INVALID', message });
  }
});

t.test('plugins that stand twice, or before what they need, stop the boot', async (t) => {
  const one = definePlugin({ name: 'one', options: Type.Object({}), register() {} });
  const two = definePlugin({
    name: 'two',
    options: Type.Object({}),
    dependsOn: ['one'],
    register() {},
  });
  t.throws(() => defineConfig({ plugins: [use(one), use(one)] }), /one stands twice/);
  t.throws(() => defineConfig({ plugins: [use(two), use(one)] }), /two needs plugin one before it/);
  t.equal(defineConfig({ plugins: [use(one), use(two)] }).plugins.length, 2);
});

t.test('hooks run in the order of a request, and may change what goes on', async (t) => {
  const order: string[] = [];
  const gateway = await startOpenGateway(blog);
  t.teardown(() => gateway.close());
  const { castellan, graphql } = gateway.app;
  castellan.addHook(
    'preParsing',
    (_, source) => void order.push(`preParsing ${source.length > 0}`),
  );
  castellan.addHook('preValidation', () => void order.push('preValidation'));
  castellan.addHook('preExecution', (_, _document, __, variables) => {
    order.push('preExecution');
    return variables.swap === true
      ? { document: parse('{ hello me { id } }'), errors: [new GraphQLError('noted')] }
      : undefined;
  });
  castellan.addHook('preFetch', async (fetch) => {
    order.push(`preFetch ${fetch.subgraph}`);
    fetch.headers['x-hook'] = 'was here';
  });
  castellan.addHook(
    'onFetch',
    (fetch, { status }) => void order.push(`onFetch ${fetch.subgraph} ${status}`),
  );
  // The name that a Mercurius plugin uses.
  graphql.addHook('onResolution', async (execution) => {
    order.push('onResolution');
    execution.extensions = { seen: true };
  });

  t.match(await gateway.ask('{ hello }'), { data: { hello: 'hi' }, extensions: { seen: true } });
  t.same(order, [
    'preParsing true',
    'preValidation',
    'preExecution',
    'preFetch posts',
    'onFetch posts 200',
    'onResolution',
  ]);
  t.equal(gateway.calls[0]?.headers['x-hook'], 'was here');

  order.length = 0;
  await gateway.ask('{ hello }');
  t.notOk(order.includes('preValidation'), 'a known document is not validated again');

  const swapped = await gateway.ask('query ($swap: Boolean!) { hello @skip(if: $swap) }', {
    swap: true,
  });
  t.same(swapped.data, { hello: 'hi', me: { id: '1' } });
  t.match(swapped.errors, [{ message: 'noted' }]);
});

t.test(
  'a hook that refuses: the request before execution, the one fetch in preFetch',
  async (t) => {
    const gateway = await startOpenGateway(blog);
    t.teardown(() => gateway.close());
    gateway.app.castellan.addHook('preFetch', (fetch) => {
      if (fetch.subgraph === 'users') throw new CodedError('FORBIDDEN');
    });
    const partial = await gateway.ask('{ hello me { id } }');
    t.same(partial.data, { hello: 'hi', me: null });
    t.match(partial.errors, [
      { path: ['me'], extensions: { code: 'FORBIDDEN', service: 'users' } },
    ]);

    gateway.app.castellan.addHook('preExecution', () => {
      throw new CodedError('UNAUTHENTICATED');
    });
    gateway.calls.length = 0;
    const refused = await gateway.ask('{ hello }');
    t.match(refused, { data: undefined, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    t.equal(gateway.calls.length, 0);
  },
);

t.test('onOperation is told how each operation ended, refused ones too', async (t) => {
  const gateway = await startOpenGateway(blog);
  t.teardown(() => gateway.close());
  const endings: unknown[] = [];
  gateway.app.castellan.addHook('onOperation', ({ kind, code, durationMs }, { caller }) => {
    endings.push([kind, code, durationMs > 0, caller.kind]);
  });
  gateway.app.castellan.addHook('preExecution', (_schema, _document, _context, { crash }) => {
    if (crash === true) throw new Error('crash');
    return undefined;
  });
  const crash = 'query ($crash: Boolean = false) { hello @skip(if: $crash) }';
  const table: readonly [
    string,
    Record<string, unknown>,
    readonly [string | null, string | null],
  ][] = [
    ['{ hello }', {}, ['query', null]],
    ['mutation { next }', {}, ['mutation', null]],
    ['{ hello me { brokenTwice } }', {}, ['query', 'TEAPOT']],
    ['query ($a: Int!) { add(a: $a) }', {}, ['query', 'BAD_USER_INPUT']],
    ['{ nope }', {}, [null, 'GRAPHQL_VALIDATION_FAILED']],
    [crash, { crash: true }, ['query', 'INTERNAL_SERVER_ERROR']],
  ];
  for (const [query, variables, [kind, code]] of table) {
    endings.length = 0;
    await gateway.ask(query, variables);
    t.match(endings, [[kind, code, true, String]], query);
    t.equal(endings.length, 1);
  }
});

t.test('an error in a hook is not told to the client', async (t) => {
  const gateway = await startOpenGateway(blog);
  t.teardown(() => gateway.close());
  gateway.app.castellan.addHook('preExecution', () => {
    throw new Error('the password is hunter2');
  });
  const { errors } = await gateway.ask('{ hello }');
  t.match(errors, [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
  t.notMatch(JSON.stringify(errors), 'hunter2');
});

t.test('what is no hook cannot be added', async (t) => {
  const gateway = await startOpenGateway(blog);
  t.teardown(() => gateway.close());
  t.throws(
    () => gateway.app.castellan.addHook('onNothing' as never, (() => {}) as never),
    TypeError,
  );
  t.throws(() => gateway.app.castellan.addHook('preFetch', 'x' as never), TypeError);
});
