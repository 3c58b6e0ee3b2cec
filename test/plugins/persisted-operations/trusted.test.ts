import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Fastify from 'fastify';
import t, { type Test } from 'tap';
import { named, optionsOf, refusal, sha256, start } from './support/start.ts';

const query = '{ hello }';
const add = 'query Add($a: Int!) { add(a: $a) }';
const hello = { data: { hello: 'hi' } };

function manifestOf(t: Test, content: unknown): string {
  const file = join(t.testdir(), 'manifest.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const apollo = {
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: [
    { id: sha256(query), name: 'Hello', type: 'query', body: query },
    { id: 'my-add', name: 'Add', type: 'query', body: add },
  ],
};
const plain = { [sha256(query)]: query, 'my-add': add };

for (const [name, content] of Object.entries({ 'Apollo’s manifest': apollo, 'a map': plain })) {
  t.test(`${name} holds what runs, however it is named, and nothing else does`, async (t) => {
    const { post, get, calls } = await start(t, {
      manifest: manifestOf(t, content),
      onlyPersisted: true,
    });
    const variables = { a: 1 };
    t.same((await post(named(sha256(query)))).answer, hello);
    t.same((await get(named(sha256(query)))).answer, hello);
    t.same((await post({ documentId: `sha256:${sha256(query)}` })).answer, hello);
    t.same((await post({ ...named('my-add'), variables })).answer, { data: { add: 3 } });
    t.same((await get({ documentId: 'my-add', variables })).answer, { data: { add: 3 } });
    t.same((await post({ documentId: `sha256:${sha256(add)}`, variables })).answer, {
      data: { add: 3 },
    });
    t.same((await post({ query })).answer, hello, 'the very text of a trusted document');
    t.same((await post({ query, ...named(sha256(query)) })).answer, hello);

    calls.length = 0;
    const me = '{ me { id } }';
    const notTrusted = refusal('OPERATION_NOT_TRUSTED');
    const table: readonly [string, object][] = [
      ['another document', { query: me }],
      ['a trusted one with a space more', { query: `${query} ` }],
      ['a registration', { query: me, ...named(sha256(me)) }],
      ['an unknown hash', named(sha256(me))],
      ['an unknown documentId', { documentId: 'nobody' }],
      ['introspection', { query: '{ __schema { queryType { name } } }' }],
      ['what does not even parse', { query: '{' }],
    ];
    for (const [name, body] of table) {
      const refused = await post(body);
      t.match(refused.answer, notTrusted, name);
      t.equal(refused.status, 403, name);
      t.match((await get({ ...body })).answer, notTrusted, `${name}, by GET`);
    }
    t.match((await post({ query: me, ...named(sha256(query)) })).answer, {
      errors: [{ extensions: { code: 'PERSISTED_QUERY_MISMATCH' } }],
    });
    t.match((await post([{ query: me }, { query }, { documentId: 'my-add', variables }])).answer, [
      notTrusted,
      hello,
      { data: { add: 3 } },
    ]);
    t.ok(
      calls.every((call) => call.subgraph === 'posts'),
      'nothing of it has run',
    );
  });
}

t.test('without onlyPersisted, other documents run and may be registered too', async (t) => {
  const { post } = await start(t, { manifest: manifestOf(t, plain) });
  const me = '{ me { id } }';
  t.same((await post(named(sha256(query)))).answer, hello);
  t.match((await post(named(sha256(me)))).answer, refusal('PERSISTED_QUERY_NOT_FOUND'));
  t.match((await post({ query: me, ...named(sha256(me)) })).answer, { data: { me: { id: '1' } } });
  t.match((await post(named(sha256(me)))).answer, { data: { me: { id: '1' } } });
});

t.test('a manifest that cannot be trusted stops the boot', async (t) => {
  const register = async (options: Record<string, unknown>) =>
    optionsOf(options).register(Fastify());
  const table: readonly [string, unknown, RegExp][] = [
    ['no JSON', '{', /manifest\.json: the manifest is not JSON/],
    ['a list', [], /not a JSON object/],
    ['another format', { format: 'x', version: 1 }, /neither a map/],
    ['another version', { ...apollo, version: 2 }, /neither a map/],
    ['no operations', { ...apollo, operations: {} }, /"operations" is not a list/],
    ['no id', { ...apollo, operations: [{ body: query }] }, /operations\[0\] has no "id"/],
    ['no body', { ...apollo, operations: [{ id: 'a' }] }, /under "a" is not a document/],
    ['no GraphQL', { a: '{' }, /"a" is not GraphQL: Syntax Error/],
    [
      'one id for two',
      {
        ...apollo,
        operations: [
          { id: 'a', body: query },
          { id: 'a', body: add },
        ],
      },
      /two documents have the id "a"/,
    ],
  ];
  for (const [name, content, message] of table) {
    const manifest = manifestOf(t, content);
    await t.rejects(register({ manifest }), { code: 'CONFIGURATION_INVALID', message }, name);
  }
  await t.rejects(register({ manifest: '/nowhere/manifest.json' }), { message: /ENOENT/ });
  await t.rejects(register({ onlyPersisted: true }), { message: /onlyPersisted needs a manifest/ });
});
