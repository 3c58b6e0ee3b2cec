import t, { type Test } from 'tap';
import { use } from '#gateway/plugin.ts';
import { metrics } from '#plugins/metrics/index.ts';
import { isLocal } from '#plugins/metrics/may-read.ts';
import { outcomeOf } from '#plugins/metrics/meters.ts';
import { blog } from '#test/support/blog.ts';
import { startOpenGateway } from '#test/support/open-gateway.ts';

type Options = Parameters<typeof metrics.configure>[0];

async function start(t: Test, options: Options = {}) {
  const gateway = await startOpenGateway(blog, { plugins: [use(metrics, options as object)] });
  t.teardown(() => gateway.close());
  const read = async (headers: Record<string, string> = {}) => {
    const response = await fetch(`${gateway.url}/metrics`, { headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return { ...gateway, read };
}

/** The value of one series; undefined when there is none. */
function sampleOf(text: string, series: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

t.test('operations, fetches and answers are counted by what became of them', async (t) => {
  const { ask, read, url } = await start(t);
  await ask('{ hello }');
  await ask('{ hello }');
  await ask('{ me { id posts { title } } }');
  await ask('mutation { next }');
  await ask('{ nope }');
  await ask('{');
  await ask('{ me { brokenTwice } }');
  await fetch(`${url}/graphql`, { method: 'POST', body: 'x' });
  const { status, headers, text } = await read();
  t.equal(status, 200);
  t.match(headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  const expected: Readonly<Record<string, number>> = {
    'castellan_operations_total{kind="query",outcome="OK"}': 3,
    'castellan_operations_total{kind="mutation",outcome="OK"}': 1,
    'castellan_operations_total{kind="unknown",outcome="GRAPHQL_VALIDATION_FAILED"}': 1,
    'castellan_operations_total{kind="unknown",outcome="GRAPHQL_PARSE_FAILED"}': 1,
    'castellan_operations_total{kind="query",outcome="OTHER"}': 1,
    'castellan_operation_duration_seconds_count{kind="query"}': 4,
    castellan_documents_parsed_total: 5,
    'castellan_subgraph_fetches_total{subgraph="posts",outcome="OK"}': 4,
    'castellan_subgraph_fetches_total{subgraph="users",outcome="OK"}': 2,
    'castellan_subgraph_fetch_duration_seconds_count{subgraph="posts"}': 4,
    'castellan_http_responses_total{status="200"}': 7,
    'castellan_http_responses_total{status="415"}': 1,
  };
  for (const [series, value] of Object.entries(expected))
    t.equal(sampleOf(text, series), value, series);
  t.ok((sampleOf(text, 'process_resident_memory_bytes') ?? 0) > 0);
});

t.test('each operation of a batch counts', async (t) => {
  const { read, url } = await start(t);
  await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ query: '{ hello }' }, { query: 'mutation { next }' }, { query: '{' }]),
  });
  const { text } = await read();
  t.equal(sampleOf(text, 'castellan_operations_total{kind="query",outcome="OK"}'), 1);
  t.equal(sampleOf(text, 'castellan_operations_total{kind="mutation",outcome="OK"}'), 1);
  t.equal(
    sampleOf(text, 'castellan_operations_total{kind="unknown",outcome="GRAPHQL_PARSE_FAILED"}'),
    1,
  );
  t.equal(sampleOf(text, 'castellan_http_responses_total{status="200"}'), 1);
});

t.test('reading changes nothing, and what comes after it is added', async (t) => {
  const { ask, read } = await start(t);
  const operations = 'castellan_operations_total{kind="query",outcome="OK"}';
  const fetches = 'castellan_subgraph_fetches_total{subgraph="posts",outcome="OK"}';
  await ask('{ hello }');
  await read();
  const again = (await read()).text;
  t.same([sampleOf(again, operations), sampleOf(again, fetches)], [1, 1]);
  await ask('{ hello }');
  const later = (await read()).text;
  t.same([sampleOf(later, operations), sampleOf(later, fetches)], [2, 2]);
});

t.test('a subgraph that does not answer shows', async (t) => {
  const gateway = await startOpenGateway(
    { posts: blog.posts },
    { plugins: [use(metrics)] },
    { posts: 'http://127.0.0.1:1/graphql' },
  );
  t.teardown(() => gateway.close());
  await gateway.ask('{ hello }');
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  t.equal(
    sampleOf(
      text,
      'castellan_subgraph_fetches_total{subgraph="posts",outcome="SUBGRAPH_UNAVAILABLE"}',
    ),
    1,
  );
  t.equal(
    sampleOf(text, 'castellan_operations_total{kind="query",outcome="SUBGRAPH_UNAVAILABLE"}'),
    1,
  );
});

t.test('no label takes a value that somebody else invents', async (t) => {
  t.equal(outcomeOf(null), 'OK');
  t.equal(outcomeOf('FORBIDDEN'), 'FORBIDDEN');
  for (const invented of ['TEAPOT', '', 'toString', '__proto__'])
    t.equal(outcomeOf(invented), 'OTHER');
});

t.test('without a token, only programs of this machine read them', async (t) => {
  const { read } = await start(t);
  t.equal((await read()).status, 200);
  const forwarded = await read({ 'x-forwarded-for': '203.0.113.7' });
  t.equal(forwarded.status, 403, 'a proxy here asks for somebody else');
  t.notMatch(forwarded.text, 'castellan_operations');
  const local = { address: '127.0.0.1', hostname: 'localhost', headers: {} };
  const table: readonly [string, Partial<Parameters<typeof isLocal>[0]>, boolean][] = [
    ['plain', {}, true],
    ['IPv6', { address: '::1', hostname: '[::1]' }, true],
    ['IPv4 in IPv6', { address: '::ffff:127.0.0.1', hostname: '127.0.0.1' }, true],
    ['another machine', { address: '192.0.2.1' }, false],
    ['an address that begins alike', { address: '::ffff:192.0.2.127' }, false],
    ['no address', { address: undefined }, false],
    ['a name that resolves to us', { hostname: 'evil.example' }, false],
    ['a name that begins like ours', { hostname: '127.0.0.1.evil.example' }, false],
    ['Forwarded', { headers: { forwarded: 'for=192.0.2.1' } }, false],
    ['Via', { headers: { via: '1.1 proxy' } }, false],
  ];
  for (const [name, change, expected] of table)
    t.equal(isLocal({ ...local, ...change }), expected, name);
});

t.test('everyone reads them where the options say so', async (t) => {
  const { read } = await start(t, { access: 'everyone' });
  t.equal((await read({ 'x-forwarded-for': '203.0.113.7' })).status, 200);
});

t.test('with a token, it is needed, and enough', async (t) => {
  const token = 'sixteen letters!'.replaceAll(' ', '-');
  const { read } = await start(t, { token });
  for (const authorization of ['', `Bearer ${token}x`, 'Bearer', `Basic ${token}`, token]) {
    const refused = await read(authorization === '' ? {} : { authorization });
    t.equal(refused.status, 401, authorization);
    t.equal(refused.headers.get('www-authenticate'), 'Bearer realm="metrics"');
  }
  const read203 = { authorization: `Bearer ${token}`, 'x-forwarded-for': '203.0.113.7' };
  t.equal((await read(read203)).status, 200);
  t.throws(() => metrics.configure({ token: 'short' }), { message: /token/ });
});
