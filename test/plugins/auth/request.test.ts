import t from 'tap';
import { createApiKey } from '#contract/api-key.ts';
import { allPermissions } from '#contract/permissions/scope.ts';
import { sessionText, startAuthApp } from './support/auth-app.ts';
import { MemoryIdentity } from './support/memory-identity.ts';

const UNAUTHENTICATED =
  '{"errors":[{"message":"You must be authenticated to perform this action","extensions":{"code":"UNAUTHENTICATED"}}]}';
const key = createApiKey('live');
const session = sessionText();
const COOKIE = `castellan.session_token=${encodeURIComponent(session)}`;

function known(): MemoryIdentity {
  const identity = new MemoryIdentity();
  identity.add(key);
  identity.add(session, { kind: 'session', credentialId: 'session_1' });
  return identity;
}

t.test('a key in Authorization, Bearer or Token, is its owner', async (t) => {
  const { send, callers } = await startAuthApp(t, { identity: known() });
  for (const scheme of ['Bearer', 'Token', 'bearer']) {
    t.equal((await send({ headers: ['Authorization', `${scheme} ${key}`] })).status, 200, scheme);
  }
  t.match(callers[0], { kind: 'key', subject: 'user_1', credentialId: 'key_1' });
  t.equal(callers[1], callers[0], 'the same object each time');
  t.ok(Object.isFrozen(callers[0]));
});

t.test('a request without a credential is anonymous', async (t) => {
  const identity = known();
  const { send, callers } = await startAuthApp(t, { identity });
  t.equal((await send()).status, 200);
  t.match(callers, [{ kind: 'anonymous', subject: null, permissions: { grants: [] } }]);
  t.same(identity.asked, []);
});

t.test(
  'a bad credential is 401 with the words of the documentation, never anonymous',
  async (t) => {
    const identity = known();
    const { send, callers } = await startAuthApp(t, { identity });
    const invalid = 'Bearer realm="castellan", error="invalid_token"';
    const table: [string, string[], string, number][] = [
      ['unknown', ['Authorization', `Bearer ${createApiKey('live')}`], invalid, 1],
      ['half', ['Authorization', `Bearer ${key.slice(0, 20)}`], invalid, 0],
      ['garbage', ['Authorization', 'Bearer garbage'], invalid, 0],
      ['two spaces', ['Authorization', `Bearer  ${key}`], invalid, 0],
      ['another scheme', ['Authorization', 'Basic YTpi'], 'Bearer realm="castellan"', 0],
      ['empty', ['Authorization', ''], 'Bearer realm="castellan"', 0],
      [
        'two headers',
        ['Authorization', `Bearer ${key}`, 'authorization', `Bearer ${key}`],
        invalid,
        0,
      ],
      [
        'garbage beside a good cookie',
        ['Authorization', 'Bearer garbage', 'Cookie', COOKIE],
        invalid,
        0,
      ],
      [
        'unknown beside a good cookie',
        ['Authorization', `Bearer ${createApiKey('live')}`, 'Cookie', COOKIE],
        invalid,
        1,
      ],
    ];
    for (const [name, headers, challenge, lookups] of table) {
      const before = identity.asked.length;
      const answer = await send({ headers });
      t.equal(answer.status, 401, name);
      t.equal(answer.text, UNAUTHENTICATED, name);
      t.equal(answer.headers['www-authenticate'], challenge, name);
      t.match(answer.headers['content-type'], /^application\/json\b/, name);
      t.equal(answer.headers['set-cookie'], undefined, name);
      t.equal(identity.asked.length - before, lookups, `${name}: look-ups`);
    }
    t.same(callers, [], 'none was let in');
  },
);

t.test('a refusal has the media type that a GraphQL client asks for', async (t) => {
  const { send } = await startAuthApp(t, { identity: known() });
  const typeFor = async (accept: string) =>
    (await send({ headers: ['Authorization', 'Bearer x', 'Accept', accept] })).headers[
      'content-type'
    ];
  t.match(
    await typeFor('application/graphql-response+json, application/json;q=0.9'),
    /^application\/graphql-response\+json\b/,
  );
  t.match(
    await typeFor('application/graphql-response+json;q=0, application/json'),
    /^application\/json\b/,
  );
  t.match(await typeFor('*/*'), /^application\/json\b/);
});

t.test('a session cookie is its owner, sent by our own page or by no page', async (t) => {
  const { send, callers, url } = await startAuthApp(t, { identity: known() });
  t.equal((await send({ headers: ['Cookie', COOKIE] })).status, 200);
  const page = [
    'Cookie',
    COOKIE,
    'Origin',
    url,
    'Sec-Fetch-Site',
    'same-origin',
    'Content-Type',
    'application/json',
  ];
  t.equal((await send({ method: 'POST', headers: page, body: '{}' })).status, 200);
  t.equal(
    (await send({ method: 'POST', headers: ['Cookie', COOKIE] })).status,
    200,
    'no body, no content type',
  );
  t.match(callers, [
    { kind: 'session', credentialId: 'session_1' },
    { kind: 'session' },
    { kind: 'session' },
  ]);
});

t.test(
  'a session cookie sent by another site’s page is refused before anyone is asked',
  async (t) => {
    const identity = known();
    const { send } = await startAuthApp(t, { identity });
    for (const [name, value] of [
      ['Origin', 'https://evil.example'],
      ['Origin', 'null'],
      ['Sec-Fetch-Site', 'cross-site'],
    ] as const) {
      for (const cookie of [COOKIE, 'castellan.session_token=stale']) {
        const answer = await send({ headers: ['Cookie', cookie, name, value] });
        t.equal(answer.status, 403, `${name}: ${value}`);
        t.equal(JSON.parse(answer.text).errors[0].extensions.code, 'CSRF_REJECTED');
        t.equal(answer.headers['set-cookie'], undefined, 'and can sign nobody out');
      }
    }
    const form = await send({
      method: 'POST',
      headers: ['Cookie', COOKIE, 'Content-Type', 'text/plain'],
      body: '{}',
    });
    t.equal(form.status, 415);
    t.same(identity.asked, []);
  },
);

t.test('where no cookie is used, Origin does not matter', async (t) => {
  const { send } = await startAuthApp(t, { identity: known() });
  const foreign = ['Origin', 'https://app.example', 'Sec-Fetch-Site', 'cross-site'];
  t.equal((await send({ headers: [...foreign, 'Authorization', `Bearer ${key}`] })).status, 200);
  t.equal(
    (await send({ headers: [...foreign, 'Authorization', `Bearer ${key}`, 'Cookie', COOKIE] }))
      .status,
    200,
  );
  t.equal((await send({ headers: foreign })).status, 200);
});

t.test('a dead session is 401, and its cookie is taken off the browser', async (t) => {
  const identity = known();
  const { send } = await startAuthApp(t, { identity });
  for (const value of [encodeURIComponent(sessionText()), 'stale', '']) {
    const answer = await send({ headers: ['Cookie', `castellan.session_token=${value}`] });
    t.equal(answer.status, 401);
    t.equal(answer.text, UNAUTHENTICATED);
    t.same(answer.headers['set-cookie'], [
      'castellan.session_token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax',
    ]);
  }
  const two = await send({ headers: ['Cookie', `${COOKIE}; castellan.session_token=planted`] });
  t.equal(two.status, 401);
  t.equal(
    two.headers['set-cookie'],
    undefined,
    'of two, neither is taken off: the planted one might stay',
  );
});

t.test('in production only the __Secure- cookie counts', async (t) => {
  const { send, callers } = await startAuthApp(t, {
    identity: known(),
    config: { production: true },
  });
  await send({ headers: ['Cookie', COOKIE] });
  await send({ headers: ['Cookie', `__Secure-${COOKIE}`] });
  t.match(callers, [{ kind: 'anonymous' }, { kind: 'session' }]);
  const answer = await send({ headers: ['Cookie', '__Secure-castellan.session_token=stale'] });
  t.same(answer.headers['set-cookie'], [
    '__Secure-castellan.session_token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure',
  ]);
});

t.test('public routes and unknown ones ask nobody, whatever is presented', async (t) => {
  const identity = known();
  const { send } = await startAuthApp(t, { identity });
  for (const headers of [
    ['Authorization', 'Bearer garbage'],
    ['Authorization', `Bearer ${key}`],
    ['Cookie', COOKIE],
  ]) {
    const open = await send({ path: '/open-to-all', headers });
    t.equal(open.status, 200);
    t.equal(open.text, 'anonymous');
    t.equal((await send({ path: '/nowhere', headers })).status, 404);
  }
  t.same(identity.asked, []);
});

t.test('a thousand requests at once with one cold key are one look-up', async (t) => {
  const identity = known();
  const { app } = await startAuthApp(t, { identity });
  const gate = Promise.withResolvers<void>();
  identity.gate = gate.promise;
  const headers = { authorization: `Bearer ${key}` };
  const answers = Array.from({ length: 1_000 }, () => app.inject({ url: '/graphql', headers }));
  gate.resolve();
  const statuses = (await Promise.all(answers)).map(({ statusCode }) => statusCode);
  t.same([...new Set(statuses)], [200]);
  t.equal(identity.asked.length, 1);
});

t.test('a revoked key is refused at once', async (t) => {
  const identity = known();
  const { send } = await startAuthApp(t, { identity });
  const headers = ['Authorization', `Bearer ${key}`];
  t.equal((await send({ headers })).status, 200);
  identity.remove(key);
  identity.emit('credential', 'key_1');
  t.equal((await send({ headers })).status, 401);
});

t.test('a gateway that was closed listens to identity no more', async (t) => {
  const identity = known();
  const { app } = await startAuthApp(t, { identity });
  t.ok(identity.listeners > 0);
  await app.close();
  t.equal(identity.listeners, 0);
});

t.test('while identity is down it is 503 and worth another try, never 401', async (t) => {
  const identity = known();
  identity.isDown = true;
  const { send, logs } = await startAuthApp(t, { identity });
  for (const headers of [
    ['Authorization', `Bearer ${key}`],
    ['Cookie', COOKIE],
  ]) {
    const answer = await send({ headers });
    t.equal(answer.status, 503);
    t.ok(Number(answer.headers['retry-after']) > 0);
    t.equal(JSON.parse(answer.text).errors[0].extensions.code, 'IDENTITY_UNAVAILABLE');
    t.equal(answer.headers['set-cookie'], undefined);
  }
  t.match(logs.join(''), /identity could not be asked/);
  t.equal((await send()).status, 200, 'nobody is still served');
});

t.test('what only a gateway may say is dropped from what a client says', async (t) => {
  for (const config of [{}, { open: true }]) {
    const { send } = await startAuthApp(t, { identity: known(), config });
    const answer = await send({
      headers: [
        'Castellan-Claims',
        'forged',
        'CASTELLAN-REQUEST-ID',
        'forged',
        'castellan-client-address',
        'forged',
        'castellan_claims',
        'forged',
        'castellan-claims',
        'forged',
        'x-other',
        'kept',
      ],
    });
    t.equal(answer.status, 200);
    t.match(answer.text, /kept/);
    t.notMatch(answer.text, /castellan|forged/i);
  }
});

t.test('with --open everyone has all rights, and nothing is minted or published', async (t) => {
  const config = { open: true, signingKey: undefined };
  const { send, callers } = await startAuthApp(t, { config });
  t.equal(
    (await send({ headers: ['Authorization', 'Bearer garbage', 'Cookie', COOKIE] })).status,
    200,
  );
  t.same(callers[0]?.permissions, allPermissions);
  t.same(JSON.parse((await send({ path: '/fetch?subgraph=content' })).text), {});
  t.equal((await send({ path: '/.well-known/jwks.json' })).status, 404);
  t.equal((await send({ path: '/api/auth/get-session' })).status, 404);
});

t.test('a gateway that has nobody to ask or nothing to sign with does not start', async (t) => {
  const identity = known();
  const table: [object, RegExp][] = [
    [{ identity, config: { signingKey: undefined } }, /CASTELLAN_SIGNING_KEY.*--open/],
    [{ identity, config: { signingKey: '{' } }, /not JSON/],
    [{}, /IDENTITY_URL.*--open/],
    [{ config: { identityUrl: 'http://127.0.0.1:1' } }, /IDENTITY_SECRET/],
    [{ identity, options: { entrySeconds: 6 } }, /entrySeconds/],
    [{ identity, options: { maxEntires: 6 } }, /maxEntires/],
    [{ identity, options: { maxEntries: '6' } }, /maxEntries/],
  ];
  for (const [options, message] of table) {
    await t.rejects(startAuthApp(t, options), { code: 'CONFIGURATION_INVALID', message });
  }
});

t.test('no credential is ever in the log', async (t) => {
  const identity = known();
  const { send, logs } = await startAuthApp(t, { identity });
  await send({ headers: ['Authorization', `Bearer ${key}`] });
  await send({ headers: ['Cookie', COOKIE] });
  await send({ headers: ['Authorization', `Bearer ${key.slice(0, -1)}`] });
  identity.resolve = async ({ text }) => {
    throw new Error(`cannot resolve ${text}`);
  };
  await send({ headers: ['Authorization', `Bearer ${createApiKey('test')}`] });
  await send({
    headers: ['Cookie', `castellan.session_token=${encodeURIComponent(sessionText())}`],
  });
  const log = logs.join('');
  t.match(log, /cannot resolve \[credential\]/);
  t.notMatch(log, /cst_|session_token|Bearer/);
  t.notOk(log.includes(session.slice(0, 32)));
});
