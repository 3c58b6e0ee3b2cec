import type { ServerResponse } from 'node:http';
import t from 'tap';
import { startIssuerApp } from '../support/issuer-app.ts';
import { jwkOf, newKey } from '../support/token-issuer.ts';

type Json = Record<string, unknown>;

const status =
  (code: number, body = '{}') =>
  (response: ServerResponse) => {
    response.statusCode = code;
    response.end(body);
  };

const hangs = /TimeoutError|aborted|no answer/;

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
    ['nothing', () => undefined, hangs],
    ['half of it', (response) => response.write('{"keys":'), hangs],
    ['a hang-up', (response) => response.destroy(), /other side closed|ECONNRESET/],
  ];
  for (const [name, answer, reason] of table) {
    // Time is short only where no answer is to come.
    const options = { lookupTimeoutMs: reason === hangs ? 400 : 30_000 };
    const { issuer, status, fresh, logs } = await startIssuerApp(t, { options });
    issuer.answer = answer;
    t.equal(await status(fresh()), 503, name);
    t.match(logs.join(''), reason, name);
    t.same(issuer.paths, ['/keys'], `${name}: nobody else was asked`);
  }
  const { issuer, status: of, fresh } = await startIssuerApp(t);
  issuer.answer = keys;
  t.equal(await of(fresh()), 401, 'an issuer without keys has taken all of them back');
});

t.test('keys that no token may be verified with are passed over', async (t) => {
  const { issuer, status, fresh } = await startIssuerApp(t);
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
  const { issuer, status, fresh } = await startIssuerApp(t);
  const second = newKey('ES256', 'second');
  issuer.published = [second, issuer.key, newKey('RS256', 'third')];
  t.equal(await status(fresh({ kid: undefined })), 200);
  t.equal(await status(fresh({ kid: undefined }, second)), 200);
  t.equal(await status(fresh({ kid: undefined }, newKey('ES256', 'other'))), 401);
});

t.test('where the keys are comes from the metadata of OIDC or RFC 8414', async (t) => {
  const found = await startIssuerApp(t, { issuer: { jwksUrl: undefined } });
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
    const { issuer, status, fresh } = await startIssuerApp(t, { issuer: { jwksUrl: undefined } });
    issuer.metadata = metadata(issuer.issuer);
    t.equal(await status(fresh()), 503, name);
    t.same(
      issuer.paths,
      ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'],
      `${name}: both places were looked at, and no other`,
    );
  }
});
