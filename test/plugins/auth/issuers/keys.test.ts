import type { ServerResponse } from 'node:http';
import t, { type Test } from 'tap';
import { startAuthApp } from '../support/auth-app.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { AUDIENCE, jwkOf, newKey, startTokenIssuer } from '../support/token-issuer.ts';

type Json = Record<string, unknown>;

async function start(t: Test, changes: Json = {}, options: Json = {}) {
  const clock = new ManualClock();
  const issuer = await startTokenIssuer(t, clock);
  const gateway = await startAuthApp(t, {
    clock,
    options: {
      issuers: [
        { issuer: issuer.issuer, audience: AUDIENCE, jwksUrl: `${issuer.issuer}/keys`, ...changes },
      ],
      ...options,
    },
  });
  let count = 0;
  return {
    ...gateway,
    clock,
    issuer,
    /** Each one is another token, so that nothing remembered answers for it. */
    fresh: (header: Json = {}, key = issuer.key) => issuer.token({ n: count++ }, header, key),
    present: (token: string) => gateway.send({ headers: ['Authorization', `Bearer ${token}`] }),
    status: async (token: string) =>
      (await gateway.send({ headers: ['Authorization', `Bearer ${token}`] })).status,
  };
}

const status =
  (code: number, body = '{}') =>
  (response: ServerResponse) => {
    response.statusCode = code;
    response.end(body);
  };

t.test('a flood of made-up kids is one fetch in a while, and good tokens go on', async (t) => {
  const { issuer, status, fresh, clock } = await start(t, { jwksCooldownSeconds: 30 });
  t.equal(await status(fresh()), 200);
  const flood = async () => {
    const tokens = Array.from({ length: 100 }, (_, index) => fresh({ kid: `made-up-${index}` }));
    return new Set(await Promise.all(tokens.map(status)));
  };
  t.same(await flood(), new Set([401]));
  t.equal(issuer.fetches, 1, 'none just after a fetch');
  clock.advance(30_000);
  t.same(await flood(), new Set([401]));
  t.equal(issuer.fetches, 2, 'one that all share');
  clock.advance(29_999);
  await flood();
  t.equal(issuer.fetches, 2);
  t.equal(await status(fresh()), 200);
});

t.test('tokens that come together before the first fetch share it', async (t) => {
  const { issuer, status, fresh } = await start(t);
  const tokens = Array.from({ length: 50 }, () => fresh());
  t.same(new Set(await Promise.all(tokens.map(status))), new Set([200]));
  t.equal(issuer.fetches, 1);
});

t.test('a new key is believed after the pause, the old one while it is published', async (t) => {
  const { issuer, status, fresh, clock } = await start(t, { jwksCooldownSeconds: 30 });
  const second = newKey('ES256', 'second');
  t.equal(await status(fresh()), 200);
  issuer.published = [issuer.key, second];
  t.equal(await status(fresh({}, second)), 401);
  clock.advance(30_000);
  t.equal(await status(fresh({}, second)), 200);
  t.equal(await status(fresh()), 200);
  t.equal(issuer.fetches, 2);
});

t.test('in the second half of their age keys are fetched beside the requests', async (t) => {
  const { issuer, status, fresh, clock } = await start(t, { jwksMaxAgeSeconds: 100 });
  await status(fresh());
  const held = Promise.withResolvers<ServerResponse>();
  issuer.answer = held.resolve;
  clock.advance(50_000);
  t.equal(await status(fresh()), 200, 'while the server has not answered');
  const response = await held.promise;
  t.equal(issuer.fetches, 2);
  response.end(JSON.stringify({ keys: [jwkOf(issuer.key)] }));
});

t.test('without a first fetch nobody is let in, and nobody is refused for good', async (t) => {
  const { issuer, present, status, fresh, clock, logs } = await start(t);
  issuer.answer = (response) => response.destroy();
  const token = fresh();
  const answer = await present(token);
  t.equal(answer.status, 503);
  t.match(answer.text, /IDENTITY_UNAVAILABLE/);
  t.equal(answer.headers['retry-after'], '1');
  await Promise.all([fresh(), fresh(), fresh()].map(status));
  t.equal(issuer.fetches, 1, 'and it is not asked with each token');
  t.match(logs.join(''), /the keys of an issuer were not fetched/);
  issuer.answer = null;
  clock.advance(1_000);
  t.equal(await status(token), 200);
});

t.test('keys go on through an outage, for a bounded time, and bad tokens stay 401', async (t) => {
  const { issuer, status, fresh, clock } = await start(t, {
    jwksMaxAgeSeconds: 100,
    jwksOutageSeconds: 1_000,
    jwksCooldownSeconds: 30,
  });
  await status(fresh());
  issuer.answer = (response) => response.destroy();
  clock.advance(1_099_999);
  t.equal(await status(fresh()), 200);
  t.equal(issuer.fetches, 2, 'it was tried');
  t.equal(await status(fresh({}, newKey('ES256', 'first'))), 401);
  t.equal(await status(fresh({ kid: 'made-up' })), 401);
  clock.advance(1);
  t.equal(await status(fresh()), 503);
  issuer.answer = null;
  clock.advance(30_000);
  t.equal(await status(fresh()), 200);
});

t.test('while the issuer hangs, nobody waits who can go on', async (t) => {
  const { issuer, status, fresh, clock } = await start(
    t,
    { jwksMaxAgeSeconds: 100, jwksCooldownSeconds: 30 },
    { lookupTimeoutMs: 10_000 },
  );
  await status(fresh());
  issuer.answer = (response) => response.destroy();
  clock.advance(100_000);
  t.equal(await status(fresh()), 200);
  const held = Promise.withResolvers<ServerResponse>();
  issuer.answer = held.resolve;
  clock.advance(30_000);
  t.equal(await status(fresh()), 200);
  const response = await held.promise;
  clock.advance(30_000);
  t.equal(await status(fresh()), 200);
  t.equal(issuer.fetches, 3, 'and it is asked no more while it has not answered');
  const second = newKey('ES256', 'second');
  response.end(JSON.stringify({ keys: [jwkOf(second)] }));
  t.equal(await status(fresh({}, second)), 200, 'what came of that fetch');
});

t.test(
  'a token of an unknown key is refused, not 503, when the keys are slow to come',
  async (t) => {
    const { issuer, status, fresh, clock } = await start(t, {}, { lookupTimeoutMs: 400 });
    await status(fresh());
    issuer.answer = () => undefined;
    clock.advance(30_000);
    t.equal(await status(fresh({ kid: 'made-up' })), 401);
    t.equal(await status(fresh()), 200);
  },
);

t.test('a fetch that hangs is not joined by another', async (t) => {
  const { issuer, status, fresh, clock } = await start(t, {}, { lookupTimeoutMs: 10_000 });
  const held = Promise.withResolvers<ServerResponse>();
  issuer.answer = held.resolve;
  const first = status(fresh());
  const response = await held.promise;
  clock.advance(60_000);
  const second = status(fresh());
  // Answered by the same process after the second request has been read.
  t.equal(await status('garbage'), 401);
  response.end(JSON.stringify({ keys: [jwkOf(issuer.key)] }));
  t.same(await Promise.all([first, second]), [200, 200]);
  t.equal(issuer.fetches, 1);
});

t.test('a token whose alg is not believed brings no fetch', async (t) => {
  const { issuer, status, fresh, clock } = await start(t);
  await status(fresh());
  clock.advance(30_000);
  for (const header of [
    { alg: 'HS256' },
    { alg: 'none' },
    { alg: 'ES384' },
    { crit: ['x'] },
    { typ: 'x' },
  ]) {
    t.equal(await status(fresh({ kid: 'made-up', ...header })), 401);
  }
  t.equal(issuer.fetches, 1);
});

t.test('what is no key set is no answer', async (t) => {
  const keys = (response: ServerResponse) => response.end('{"keys":[]}');
  const table: [string, (response: ServerResponse) => void, RegExp][] = [
    ['a page', status(200, '<html>keys</html>'), /something else than a JSON object/],
    ['an array', status(200, '[]'), /something else than a JSON object/],
    ['no keys', status(200, '{}'), /something else than a JWK set/],
    ['keys that are none', status(200, '{"keys":[1]}'), /something else than a JWK set/],
    [
      'too many',
      status(200, `{"keys":[${Array(101).fill('{}')}]}`),
      /something else than a JWK set/,
    ],
    [
      'too long',
      status(200, `{"keys":[],"x":"${'x'.repeat(300_000)}"}`),
      /longer than 262144 bytes/,
    ],
    ['status 500', status(500), /status 500/],
    ['status 404', status(404), /status 404/],
    [
      'a redirect',
      (response) => response.writeHead(302, { location: '/elsewhere' }).end(),
      /status 302/,
    ],
    ['nothing', () => undefined, /TimeoutError|aborted/],
    ['half of it', (response) => response.write('{"keys":'), /TimeoutError|aborted/],
    ['a hang-up', (response) => response.destroy(), /other side closed|ECONNRESET/],
  ];
  for (const [name, answer, reason] of table) {
    const { issuer, status, fresh, logs } = await start(t, {}, { lookupTimeoutMs: 400 });
    issuer.answer = answer;
    t.equal(await status(fresh()), 503, name);
    t.match(logs.join(''), reason, name);
    t.same(issuer.paths, ['/keys'], `${name}: nobody else was asked`);
  }
  const { issuer, status: of, fresh } = await start(t);
  issuer.answer = keys;
  t.equal(await of(fresh()), 401, 'an issuer without keys has taken all of them back');
});

t.test('keys that no token may be verified with are passed over', async (t) => {
  const { issuer, status, fresh } = await start(t);
  const short = {
    kty: 'RSA',
    kid: 'short',
    n: Buffer.alloc(64, 255).toString('base64url'),
    e: 'AQAB',
  };
  const own = { ...jwkOf(issuer.key) };
  const { d } = issuer.key.privateKey.export({ format: 'jwk' });
  issuer.answer = (response) =>
    response.end(
      JSON.stringify({
        keys: [
          { kty: 'oct', kid: 'first', k: 'c2VjcmV0', alg: 'HS256' },
          { kty: 'unknown', kid: 'first' },
          short,
          { ...own, kid: 'private', d },
          { ...own, kid: 'enc', use: 'enc' },
          own,
        ],
      }),
    );
  t.equal(await status(fresh()), 200);
  const rsa = newKey('RS256', 'short');
  for (const token of [fresh({}, rsa), fresh({ kid: 'private' }), fresh({ kid: 'enc' })]) {
    t.equal(await status(token), 401);
  }
});

t.test('a token without a kid is tried with the few keys that fit', async (t) => {
  const { issuer, status, fresh } = await start(t);
  const second = newKey('ES256', 'second');
  issuer.published = [second, issuer.key, newKey('RS256', 'third')];
  t.equal(await status(fresh({ kid: undefined })), 200);
  t.equal(await status(fresh({ kid: undefined }, second)), 200);
  t.equal(await status(fresh({ kid: undefined }, newKey('ES256', 'other'))), 401);
});

t.test('where the keys are comes from the metadata of OIDC or RFC 8414', async (t) => {
  const found = await start(t, { jwksUrl: undefined });
  const { issuer } = found;
  issuer.metadata = { issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/keys` };
  t.equal(await found.status(found.fresh()), 200);
  t.same(issuer.paths, ['/.well-known/openid-configuration', '/keys']);

  const table: [string, (url: string) => Json | null][] = [
    ['none', () => null],
    ['another issuer', (url) => ({ issuer: `${url}/`, jwks_uri: `${url}/keys` })],
    ['no keys', (url) => ({ issuer: url })],
    ['keys by plain http', (url) => ({ issuer: url, jwks_uri: 'http://keys.example/keys' })],
    ['keys in a file', (url) => ({ issuer: url, jwks_uri: 'file:///etc/hostname' })],
  ];
  for (const [name, metadata] of table) {
    const { issuer, status, fresh } = await start(t, { jwksUrl: undefined });
    issuer.metadata = metadata(issuer.issuer);
    t.equal(await status(fresh()), 503, name);
    t.same(
      issuer.paths,
      ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'],
      `${name}: both places were looked at, and no other`,
    );
  }
});

t.test('an issuer that is slow stands in the way of no key of ours', async (t) => {
  const { issuer, status, fresh } = await start(t, {}, { maxConcurrentLookups: 1 });
  const held = Promise.withResolvers<ServerResponse>();
  issuer.answer = held.resolve;
  const first = status(fresh());
  const response = await held.promise;
  t.equal(await status(fresh()), 503, 'another JWT waits for nothing');
  t.equal(
    await status(`${'a'.repeat(32)}.${Buffer.alloc(32).toString('base64')}`),
    401,
    'a session is looked up',
  );
  response.end(JSON.stringify({ keys: [jwkOf(issuer.key)] }));
  t.equal(await first, 200);
});
