import t from 'tap';
import { CLAIMS_TYPE } from '#contract/claims.ts';
import { startAuthApp } from '../support/auth-app.ts';
import { startIssuerApp } from '../support/issuer-app.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryIdentity } from '../support/memory-identity.ts';
import { AUDIENCE, encode, jwkOf, newKey, signed, signedByHmac } from '../support/token-issuer.ts';

t.test('a good token is a caller by JWT, without an identity and until it ends', async (t) => {
  for (const alg of ['ES256', 'RS256', 'PS256', 'EdDSA'] as const) {
    const { issuer, status, callers, clock } = await startIssuerApp(t, {
      key: newKey(alg, 'first'),
    });
    const token = issuer.token({ jti: 'token-1', scope: 'blog:read blog:write' });
    t.equal(await status(token), 200, alg);
    t.same(callers[0], {
      kind: 'jwt',
      subject: `${issuer.issuer}|ann`,
      organization: null,
      project: null,
      environment: null,
      defaultStage: null,
      permissions: { scopes: ['blog:read', 'blog:write'], grants: [] },
      credentialId: 'token-1',
      expiresAt: clock.now() + 3_600_000,
      asOfSequence: Number.MAX_SAFE_INTEGER,
    });
    t.ok(Object.isFrozen(callers[0]));
  }
});

t.test('a token that is not good is refused with 401, and nothing of it comes back', async (t) => {
  const rsa = newKey('RS256', 'first');
  const { issuer, present, callers, logs, clock, config } = await startIssuerApp(t, { key: rsa });
  t.equal((await present(issuer.token())).status, 200, 'what all of them differ from');
  callers.length = 0;
  const now = Math.floor(clock.now() / 1_000);
  const stranger = newKey('RS256', 'first');
  const weak = { ...newKey('ES256', 'first') };
  const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' });
  const hmac = { alg: 'HS256', kid: 'first' };
  const theirJwk = jwkOf(stranger);
  const [head, body, signature] = issuer.token().split('.');
  const table: [string, string][] = [
    ['alg none', `${encode({ alg: 'none', kid: 'first' })}.${body}.`],
    ['alg none with a signature', issuer.token({}, { alg: 'none' })],
    ['alg None', issuer.token({}, { alg: 'None' })],
    ['no alg', issuer.token({}, { alg: undefined })],
    ['HS256 with the PEM as its secret', signedByHmac(hmac, issuer.claims(), pem)],
    [
      'HS256 with the JWK as its secret',
      signedByHmac(hmac, issuer.claims(), JSON.stringify(jwkOf(rsa))),
    ],
    ['an alg beside the list', issuer.token({}, { alg: 'RS512' })],
    ['an alg of the list and of another kind of key', issuer.token({}, { alg: 'ES256' }, weak)],
    ['PS256 by a key for RS256', issuer.token({}, { alg: 'PS256' })],
    ['another key', issuer.token({}, {}, stranger)],
    ['another key, in its own header', issuer.token({}, { jwk: theirJwk }, stranger)],
    [
      'another key, linked',
      issuer.token({}, { jku: `${issuer.issuer}/theirs`, x5u: `${issuer.issuer}/x` }, stranger),
    ],
    ['an unknown kid', issuer.token({}, { kid: 'second' })],
    ['a kid that is no text', issuer.token({}, { kid: ['first'] })],
    ['a changed payload', `${head}.${encode(issuer.claims({ sub: 'root' }))}.${signature}`],
    ['an empty signature', `${head}.${body}.`],
    ['a cut signature', `${head}.${body}.${signature?.slice(0, 20)}`],
    ['another issuer', issuer.token({ iss: 'https://elsewhere.example' })],
    ['an issuer with a slash more', issuer.token({ iss: `${issuer.issuer}/` })],
    ['an issuer in a list', issuer.token({ iss: [issuer.issuer] })],
    ['no issuer', issuer.token({ iss: undefined })],
    ['another audience', issuer.token({ aud: 'https://other.example' })],
    ['other audiences', issuer.token({ aud: ['https://other.example', `${AUDIENCE}/`] })],
    ['an audience that is an object', issuer.token({ aud: { [AUDIENCE]: true } })],
    ['no audience', issuer.token({ aud: undefined })],
    ['no end', issuer.token({ exp: undefined })],
    ['an end that is a text', issuer.token({ exp: String(now + 60) })],
    ['an end that is no time', issuer.token({ exp: 1e300 })],
    ['an end that is now', issuer.token({ exp: now })],
    ['an end a second ago', issuer.token({ exp: now - 1 })],
    ['a beginning to come', issuer.token({ nbf: now + 6 })],
    ['a beginning that is a text', issuer.token({ nbf: 'now' })],
    ['issued in the future', issuer.token({ iat: now + 6 })],
    ['issued at a text', issuer.token({ iat: 'now' })],
    ['crit', issuer.token({}, { crit: ['exp'], exp: now })],
    ['crit of b64', issuer.token({}, { crit: ['b64'], b64: true })],
    [
      'b64 false',
      signed({ alg: 'RS256', kid: 'first', b64: false, crit: ['b64'] }, issuer.claims(), rsa),
    ],
    ['b64 without crit', issuer.token({}, { b64: false })],
    ['claims of a gateway', issuer.token({ iss: config.issuer }, { typ: CLAIMS_TYPE })],
    ['claims of a gateway by this issuer', issuer.token({}, { typ: CLAIMS_TYPE })],
    ['the same as a media type', issuer.token({}, { typ: `application/${CLAIMS_TYPE}` })],
    ['a logout token', issuer.token({}, { typ: 'logout+jwt' })],
    ['a typ that is no text', issuer.token({}, { typ: 1 })],
    ['no subject', issuer.token({ sub: undefined })],
    ['an empty subject', issuer.token({ sub: '' })],
    ['a subject that is a number', issuer.token({ sub: 7 })],
    ['a subject with a line in it', issuer.token({ sub: 'ann\r\ncastellan-claims: x' })],
    ['a subject of half a character', issuer.token({ sub: '\ud800' })],
    ['a subject that is too long', issuer.token({ sub: 'a'.repeat(256) })],
    ['a payload that is an array', signed({ alg: 'RS256', kid: 'first' }, '[1]', rsa)],
    ['a payload that is no JSON', signed({ alg: 'RS256', kid: 'first' }, '{', rsa)],
    ['a header that is no JSON', `e30x.${body}.${signature}`],
    ['five parts', `${head}.${body}.${signature}.${body}.${signature}`],
    ['two parts', `${head}.${body}`],
    ['padding', `${issuer.token()}=`],
  ];
  for (const [name, token] of table) {
    const answer = await present(token);
    t.equal(answer.status, 401, name);
    t.equal(
      answer.text,
      '{"errors":[{"message":"You must be authenticated to perform this action","extensions":{"code":"UNAUTHENTICATED"}}]}',
      name,
    );
    t.equal(answer.headers['www-authenticate'], 'Bearer realm="castellan", error="invalid_token"');
    t.notOk(
      logs.join('').includes(token.split('.')[2] || token),
      `${name}: the log holds no token`,
    );
  }
  t.same(callers, [], 'none was let in');
  t.equal(issuer.fetches, 1, 'and none brought another fetch');
  t.same(new Set(issuer.paths), new Set(['/keys']), 'no address in a token was visited');
});

t.test(
  'the claims of this very gateway are no credential, even where its keys are trusted',
  async (t) => {
    const clock = new ManualClock();
    const first = await startAuthApp(t, { clock, identity: new MemoryIdentity() });
    const { 'castellan-claims': claims } = JSON.parse(
      (await first.send({ path: '/fetch?subgraph=content' })).text,
    );
    const second = await startAuthApp(t, {
      clock,
      options: {
        issuers: [
          { issuer: first.url, audience: 'content', jwksUrl: `${first.url}/.well-known/jwks.json` },
        ],
      },
    });
    for (const { send } of [first, second]) {
      t.equal((await send({ headers: ['Authorization', `Bearer ${claims}`] })).status, 401);
    }
  },
);

t.test('typ may be absent, JWT or that of RFC 9068, and be bound to one', async (t) => {
  const { issuer, status } = await startIssuerApp(t);
  for (const typ of [undefined, 'JWT', 'jwt', 'at+jwt', 'application/at+jwt']) {
    t.equal(await status(issuer.token({}, { typ })), 200, String(typ));
  }
  const strict = await startIssuerApp(t, { issuer: { types: ['at+jwt'] } });
  t.equal(await strict.status(strict.issuer.token({}, { typ: 'at+jwt' })), 200);
  t.equal(await strict.status(strict.issuer.token({}, { typ: 'JWT' })), 401);
  t.equal(await strict.status(strict.issuer.token()), 401);
});

t.test('audience is one of those that are accepted', async (t) => {
  const { issuer, status } = await startIssuerApp(t, { issuer: { audience: ['one', 'two'] } });
  t.equal(await status(issuer.token({ aud: 'two' })), 200);
  t.equal(await status(issuer.token({ aud: ['three', 'one'] })), 200);
  t.equal(await status(issuer.token({ aud: 'one two' })), 401);
  t.equal(await status(issuer.token({ aud: [] })), 401);
});

t.test(
  'the issuer’s clock may be ahead a little, and no token lives a moment longer',
  async (t) => {
    const { issuer, status, clock } = await startIssuerApp(t, {
      issuer: { clockToleranceSeconds: 5 },
    });
    const now = Math.floor(clock.now() / 1_000);
    t.equal(await status(issuer.token({ iat: now + 5, nbf: now + 5 })), 200);
    const token = issuer.token({ exp: now + 2 });
    t.equal(await status(token), 200);
    clock.advance(1_999);
    t.equal(await status(token), 200);
    clock.advance(1);
    t.equal(await status(token), 401, 'though the tolerance is 5 s');
  },
);

t.test('a token is verified once, and again when the keys are due', async (t) => {
  const { issuer, status, callers, clock } = await startIssuerApp(t, {
    issuer: { jwksMaxAgeSeconds: 100 },
  });
  const token = issuer.token();
  await status(token);
  const second = newKey('ES256', 'second');
  issuer.published = [second];
  clock.advance(40_000);
  t.equal(await status(issuer.token({}, {}, second)), 200);
  t.equal(issuer.fetches, 2, 'the first key is known to be taken back');
  t.equal(await status(issuer.token({ n: 1 })), 401);
  t.equal(await status(token), 200, 'what it has verified goes on');
  t.equal(callers.at(-1), callers[0], 'as the same object');
  clock.advance(60_000);
  t.equal(await status(token), 401, 'until the keys of then would have been due');
  t.equal(await status(issuer.token({}, {}, second)), 200);
});

t.test('a token longer than 8 KB is refused unread', async (t) => {
  const { issuer, status, callers } = await startIssuerApp(t);
  t.equal(await status(issuer.token({ padding: 'x'.repeat(4_000) })), 200);
  t.equal(await status(issuer.token({ padding: 'x'.repeat(6_200) })), 401);
  t.equal(await status(issuer.token({ padding: 'x'.repeat(20_000) })), 431, 'by the HTTP server');
  t.equal(callers.length, 1);
});
