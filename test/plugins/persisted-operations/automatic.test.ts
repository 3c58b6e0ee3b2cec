import t from 'tap';
import { named, refusal, sha256, start } from './support/start.ts';

const query = '{ hello }';
const hash = sha256(query);
const notFound = refusal('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
const hello = { data: { hello: 'hi' } };

t.test('a document is registered by its hash, and asked by it from then on', async (t) => {
  const { post, get } = await start(t);
  const unknown = await post(named(hash));
  t.match(unknown.answer, notFound);
  t.equal(unknown.status, 200, 'as Apollo Server answers it');
  t.equal(unknown.headers.get('cache-control'), 'no-store');

  t.same((await post({ query, ...named(hash) })).answer, hello);
  t.same((await post(named(hash))).answer, hello);
  t.same((await post({ query: '', ...named(hash) })).answer, hello);
  t.same((await get(named(hash))).answer, hello);
  t.same((await post({ documentId: `sha256:${hash}` })).answer, hello);
  t.same((await get({ documentId: `sha256:${hash}` })).answer, hello);
});

t.test('registering works by GET and by documentId too, with variables', async (t) => {
  const { post, get } = await start(t);
  const add = 'query Add($a: Int!) { add(a: $a) }';
  t.match((await get(named(sha256(add)))).answer, notFound);
  const parameters = { ...named(sha256(add)), variables: { a: 1 }, operationName: 'Add' };
  t.same((await get({ query: add, ...parameters })).answer, { data: { add: 3 } });
  t.same((await get(parameters)).answer, { data: { add: 3 } });

  const documentId = `sha256:${hash}`;
  t.match((await post({ documentId })).answer, notFound);
  t.same((await post({ documentId, query })).answer, hello);
  t.same((await post({ documentId })).answer, hello);
});

t.test('application/graphql-response+json has the status of the code', async (t) => {
  const { post } = await start(t);
  const { status } = await post(named(hash), { accept: 'application/graphql-response+json' });
  t.equal(status, 404);
});

t.test('what is not the hash of the document is refused and registers nothing', async (t) => {
  const { post } = await start(t);
  const other = sha256('{ me { id } }');
  t.match((await post({ query, ...named(other) })).answer, refusal('PERSISTED_QUERY_MISMATCH'));
  t.match((await post({ query, ...named(hash.toUpperCase()) })).answer, {
    errors: [{ extensions: { code: 'PERSISTED_QUERY_MISMATCH' } }],
  });
  t.match((await post(named(other))).answer, notFound);
  t.match((await post(named(hash))).answer, notFound);
});

t.test('only a document that was parsed and validated is registered', async (t) => {
  const { post } = await start(t);
  for (const [text, code] of [
    ['{', 'GRAPHQL_PARSE_FAILED'],
    ['{ nope }', 'GRAPHQL_VALIDATION_FAILED'],
    ['query A { hello } query B { hello }', 'OPERATION_RESOLUTION_FAILURE'],
  ] as const) {
    t.match((await post({ query: text, ...named(sha256(text)) })).answer, refusal(code));
    t.match((await post(named(sha256(text)))).answer, notFound, text);
  }
});

t.test('the store is bounded by number and by text', async (t) => {
  const { post } = await start(t, { maxDocuments: 2, maxTextLength: 60 });
  const texts = ['a', 'b', 'c'].map((alias) => `{ ${alias}: hello }`);
  for (const text of texts) await post({ query: text, ...named(sha256(text)) });
  const [first, second, third] = await Promise.all(texts.map((text) => post(named(sha256(text)))));
  t.match(first?.answer, notFound, 'the least recently used one went');
  t.match([second?.answer, third?.answer], [{ data: { b: 'hi' } }, { data: { c: 'hi' } }]);

  const long = `{ hello } # ${'x'.repeat(60)}`;
  t.same((await post({ query: long, ...named(sha256(long)) })).answer, hello, 'it runs');
  t.match((await post(named(sha256(long)))).answer, notFound, 'and is not kept');
  t.match((await post(named(sha256(texts[2] ?? '')))).answer, { data: { c: 'hi' } });
});

t.test('a mutation by hash is not run by GET', async (t) => {
  const { post, get } = await start(t);
  const next = 'mutation { next }';
  t.same((await post({ query: next, ...named(sha256(next)) })).answer, { data: { next: 1 } });
  const refused = await get(named(sha256(next)));
  t.equal(refused.status, 405);
  t.same((await post(named(sha256(next)))).answer, { data: { next: 2 } });
});

t.test('malformed identifiers are told', async (t) => {
  const { post, get } = await start(t);
  const notSupported = refusal('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported');
  const table: readonly [string, object, object][] = [
    ['another version', named(hash, 2), notSupported],
    ['no version', { extensions: { persistedQuery: { sha256Hash: hash } } }, notSupported],
    ['no hash', named(undefined), refusal('BAD_REQUEST')],
    ['a hash that is no text', named({ toString: 'x' }), refusal('BAD_REQUEST')],
    ['a documentId that is no text', { documentId: 7 }, refusal('BAD_REQUEST')],
    ['an empty documentId', { documentId: '' }, refusal('BAD_REQUEST')],
    ['query and custom documentId', { query, documentId: 'mine' }, refusal('BAD_REQUEST')],
    ['an unknown custom documentId', { documentId: '__proto__' }, notFound],
    ['an empty request', {}, refusal('BAD_REQUEST')],
  ];
  for (const [name, body, expected] of table) t.match((await post(body)).answer, expected, name);
  t.match((await get({ query, extensions: '{' })).answer, refusal('BAD_REQUEST'), 'no JSON');
  t.match((await get({ extensions: '{"persistedQuery":7}' })).answer, refusal('BAD_REQUEST'));
  t.same((await post({ query, extensions: { persistedQuery: null } })).answer, hello);
  t.same((await post({ query, documentId: null, extensions: null })).answer, hello);
});

t.test('in a batch each operation has its own document, or its own refusal', async (t) => {
  const { post } = await start(t);
  const me = '{ me { id } }';
  const { status, answer } = await post([
    named(hash),
    { query: me, ...named(sha256(me)) },
    { query, ...named(sha256(me)) },
    { query },
    { documentId: 'x' },
    {},
  ]);
  t.equal(status, 200);
  t.match(answer, [
    notFound,
    { data: { me: { id: '1' } } },
    refusal('PERSISTED_QUERY_MISMATCH'),
    hello,
    notFound,
    refusal('BAD_REQUEST'),
  ]);
  t.same((await post([named(sha256(me))])).answer, [{ data: { me: { id: '1' } } }]);
});

t.test('where nothing may be registered, clients are told to stop asking', async (t) => {
  const { post } = await start(t, { automatic: false });
  const notSupported = refusal('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported');
  t.match((await post(named(hash))).answer, notSupported);
  t.same((await post({ query, ...named(hash) })).answer, hello);
  t.match((await post(named(hash))).answer, notSupported);
});
