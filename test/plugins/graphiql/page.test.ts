import fastify from 'fastify';
import t, { type Test } from 'tap';
import { graphiql } from '#plugins/graphiql/index.ts';

async function start(t: Test, options: Parameters<typeof graphiql.configure>[0] = {}) {
  const app = fastify();
  t.teardown(() => app.close());
  await graphiql.configure(options).register(app);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { app, url };
}

t.test('everything that the page loads is served by the gateway itself', async (t) => {
  const { url } = await start(t);
  const page = await fetch(`${url}/graphiql`);
  t.equal(page.status, 200);
  t.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
  const html = await page.text();
  t.notMatch(html, /(https?:)?\/\/\w/, 'the page names no other host');

  const waiting = [...html.matchAll(/"(\/graphiql\/assets\/[^"]+)"/g)].map(
    ([, path]) => path ?? '',
  );
  t.ok(waiting.length >= 5, 'script, style and three workers');
  const seen = new Set<string>();
  for (const path of waiting) {
    if (seen.has(path)) continue;
    seen.add(path);
    const asset = await fetch(url + path);
    const text = await asset.text();
    if (asset.status !== 200) t.fail(`${path} answers ${asset.status}`);
    const type = asset.headers.get('content-type') ?? '';
    const wanted = path.endsWith('.js')
      ? 'text/javascript'
      : path.endsWith('.css')
        ? 'text/css'
        : '';
    if (!type.startsWith(wanted)) t.fail(`${path} is ${type}`);
    // What a script or a style sheet loads in turn: chunks beside it, the font.
    const names = text.matchAll(
      /(?:from|import)\s*\(?\s*"\.\/([\w.-]+\.js)"|url\("?\.\/([\w.-]+)"?\)/g,
    );
    for (const [, chunk, file] of names) waiting.push(`/graphiql/assets/${chunk ?? file}`);
  }
  t.ok(seen.size > 20, `${seen.size} files`);
  t.ok(
    [...seen].some((path) => path.endsWith('.ttf')),
    'the font of the icons is one of them',
  );
});

t.test('the page may only run and reach what is of this origin', async (t) => {
  const { url } = await start(t);
  const { headers } = await fetch(`${url}/graphiql`);
  const policy = headers.get('content-security-policy') ?? '';
  t.notMatch(policy, /https?:|\*|unsafe-eval/);
  const directives = new Map(
    policy.split('; ').map((text) => [text.split(' ')[0], text.split(' ').slice(1).join(' ')]),
  );
  t.equal(directives.get('default-src'), "'none'");
  t.equal(directives.get('script-src'), "'self'");
  t.equal(directives.get('worker-src'), "'self'");
  t.equal(directives.get('connect-src'), "'self'");
  t.equal(directives.get('frame-ancestors'), "'none'");
  t.equal(headers.get('x-frame-options'), 'DENY');
  t.equal(headers.get('x-content-type-options'), 'nosniff');
});

t.test(
  'files are cached for ever under a name that holds their hash, the page never',
  async (t) => {
    const { url } = await start(t);
    const page = await fetch(`${url}/graphiql`);
    t.equal(page.headers.get('cache-control'), 'no-cache');
    const again = await fetch(`${url}/graphiql`, {
      headers: { 'if-none-match': page.headers.get('etag') ?? '' },
    });
    t.equal(again.status, 304);
    t.equal(await again.text(), '');

    const script = /src="([^"]+)"/.exec(await page.text())?.[1] ?? '';
    t.match(script, /\/main-[A-Z0-9]{8}\.js$/);
    const asset = await fetch(url + script);
    t.equal(asset.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    const known = { 'if-none-match': `W/"other", ${asset.headers.get('etag')}` };
    t.equal((await fetch(url + script, { headers: known })).status, 304);
  },
);

t.test('a client that takes no gzip gets the same file plain', async (t) => {
  const { app } = await start(t);
  const html = (await app.inject('/graphiql')).body;
  const style = /href="([^"]+\.css)"/.exec(html)?.[1] ?? '';
  const plain = await app.inject({ url: style });
  const refused = await app.inject({ url: style, headers: { 'accept-encoding': 'gzip;q=0' } });
  const packed = await app.inject({ url: style, headers: { 'accept-encoding': 'br, gzip' } });
  t.equal(plain.headers['content-encoding'], undefined);
  t.equal(refused.headers['content-encoding'], undefined);
  t.equal(packed.headers['content-encoding'], 'gzip');
  t.match(plain.body, /graphiql/);
  t.ok(packed.rawPayload.length < plain.rawPayload.length);
});

t.test('path and endpoint are where the options say, and only there', async (t) => {
  const { app } = await start(t, { path: '/tools/ide', endpoint: '/api/graphql' });
  const { body, statusCode } = await app.inject('/tools/ide/');
  t.equal(statusCode, 200);
  t.match(body, 'data-endpoint="/api/graphql"');
  t.match(body, 'src="/tools/ide/assets/main-');
  t.equal((await app.inject('/graphiql')).statusCode, 404);
});

t.test('a page that is not enabled is not there', async (t) => {
  const { app } = await start(t, { enabled: false });
  t.equal((await app.inject('/graphiql')).statusCode, 404);
});

t.test('a name that is no file of the bundle is not found', async (t) => {
  const { app } = await start(t);
  for (const name of ['main.js', '..%2f..%2fpackage.json', 'manifest.json', '__proto__']) {
    t.equal((await app.inject(`/graphiql/assets/${name}`)).statusCode, 404, name);
  }
});

t.test('options that would reach another host or break out of the page are refused', async (t) => {
  for (const endpoint of ['https://example.org/graphql', '//example.org', '/a"b', 'graphql', '/']) {
    t.throws(() => graphiql.configure({ endpoint }), { code: 'CONFIGURATION_INVALID' }, endpoint);
  }
  t.throws(() => graphiql.configure({ pat: '/x' }), { code: 'CONFIGURATION_INVALID' });
});
