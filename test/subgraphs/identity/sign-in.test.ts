import type { IdentityEvent } from '#contract/identity.ts';
import { defineIdentity } from '#subgraphs/identity/settings.ts';
import {
  BASE_URL,
  PASSWORD,
  sessionOf,
  startIdentity,
  type TestIdentity,
} from '../support/running-identity.ts';
import { onEachStore } from '../support/stores.ts';

const post = (
  { app }: TestIdentity,
  path: string,
  payload: object,
  headers: Record<string, string> = {},
) => app.inject({ method: 'POST', url: `/api/auth${path}`, payload, headers });

const cookieOf = (session: string, name = 'castellan.session_token') => ({
  cookie: `${name}=${encodeURIComponent(session)}`,
});

onEachStore('signing up, in and out keeps a session in a cookie', async (t, store) => {
  const identity = await startIdentity(t, store);
  const email = 'ada@example.com';
  const up = await post(identity, '/sign-up/email', { name: 'Ada', email, password: PASSWORD });
  t.equal(up.statusCode, 200);
  t.equal(up.headers['cache-control'], 'no-store');
  const [cookie] = [up.headers['set-cookie']].flat();
  t.match(cookie, /^castellan\.session_token=/);
  t.match(cookie, /; HttpOnly/);
  t.match(cookie, /; SameSite=Lax/);
  t.notMatch(cookie, /Secure/);

  const signedIn = await post(identity, '/sign-in/email', { email, password: PASSWORD });
  t.equal(signedIn.statusCode, 200);
  const session = sessionOf(signedIn.headers['set-cookie']);
  t.not(session, sessionOf(up.headers['set-cookie']), 'each sign-in has a session of its own');
  const got = await identity.app.inject({
    url: '/api/auth/get-session',
    headers: cookieOf(session),
  });
  t.match(got.json(), { user: { email } });

  const events: IdentityEvent[] = [];
  identity.identity.subscribe((event) => events.push(event));
  const before = await identity.identity.resolve({ kind: 'session', text: session });
  const out = await post(identity, '/sign-out', {}, cookieOf(session));
  t.equal(out.statusCode, 200);
  t.match(out.headers['set-cookie'], [/^castellan\.session_token=; Max-Age=0/]);
  t.match(await identity.identity.resolve({ kind: 'session', text: session }), { active: false });
  t.ok(before.active);
  t.match(events, [{ touches: 'credential', id: before.active && before.caller.credentialId }]);
});

onEachStore('in production the cookie is Secure and named so', async (t, store) => {
  const identity = await startIdentity(t, store, {
    production: true,
    baseUrl: 'https://api.example.com',
    settings: defineIdentity({ signUp: { policy: 'open', verifyEmail: false } }),
  });
  const payload = { name: 'Ada', email: 'ada@example.com', password: PASSWORD };
  const up = await post(identity, '/sign-up/email', payload);
  const [cookie] = [up.headers['set-cookie']].flat();
  t.match(cookie, /^__Secure-castellan\.session_token=/);
  t.match(cookie, /; Secure/);
  const session = sessionOf(up.headers['set-cookie'], true);
  t.match(await identity.identity.resolve({ kind: 'session', text: session }), { active: true });
});

onEachStore('what is wrong with a sign-up or sign-in makes no account', async (t, store) => {
  const identity = await startIdentity(t, store);
  await identity.signUp('ada@example.com');
  const up = { name: 'Eve', email: 'eve@example.com', password: PASSWORD };
  const refused = [
    ['/sign-up/email', { ...up, password: 'x'.repeat(14) }],
    ['/sign-up/email', { ...up, password: 'x'.repeat(257) }],
    ['/sign-up/email', { ...up, email: 'no address' }],
    ['/sign-up/email', { ...up, email: 'ADA@example.com' }],
    ['/sign-up/email', {}],
    ['/sign-in/email', { email: 'ada@example.com', password: 'not the password at all' }],
    ['/sign-in/email', { email: 'eve@example.com', password: PASSWORD }],
    ['/sign-in/email', { email: ['ada@example.com'], password: { $ne: '' } }],
  ] as const;
  for (const [path, payload] of refused) {
    const answer = await post(identity, path, payload);
    t.ok(answer.statusCode >= 400 && answer.statusCode < 500, `${path} ${answer.body}`);
    t.equal(answer.headers['set-cookie'], undefined);
  }
  const users = await identity.tables.selectFrom('user').select('id').execute();
  t.equal(users.length, 1);
});

onEachStore(
  'a name that deceives, or an address without end, makes no account',
  async (t, store) => {
    const identity = await startIdentity(t, store);
    const up = { name: 'Eve', email: 'eve@example.com', password: PASSWORD };
    const domain = `${'d'.repeat(60)}.`.repeat(4);
    const refused = [
      { ...up, name: '' },
      { ...up, name: '  ' },
      { ...up, name: 'x'.repeat(101) },
      { ...up, name: 'a\u0000b' },
      { ...up, name: 'a\nb' },
      { ...up, name: 'a\u202eb' },
      { ...up, name: '\u200fa' },
      { ...up, name: 'a\ud800' },
      { ...up, email: `eve@${domain}example.com` },
      { ...up, image: 'x'.repeat(3000) },
      { ...up, image: 'javascript:alert(1)' },
    ];
    for (const payload of refused) {
      const answer = await post(identity, '/sign-up/email', payload);
      t.equal(answer.statusCode, 400, JSON.stringify(payload));
      t.match(answer.json(), { code: 'BAD_USER_INPUT', message: /^The (name|e-mail|image)/ });
      t.equal(answer.headers['set-cookie'], undefined);
    }
    for (const email of ['a\u0000@example.com', 'a\u202e@example.com', 'a b@example.com', '']) {
      for (const path of ['/sign-up/email', '/sign-in/email']) {
        const answer = await post(identity, path, { ...up, email });
        t.equal(answer.statusCode, 400, `${path} ${JSON.stringify(email)}`);
        t.match(answer.json(), { code: String, message: String });
      }
    }
    t.strictSame(await identity.tables.selectFrom('user').select('id').execute(), []);
    t.strictSame(await identity.tables.selectFrom('session').select('id').execute(), []);
    const name = `${'🗝'.repeat(99)}é`;
    t.equal((await post(identity, '/sign-up/email', { ...up, name: ` ${name} ` })).statusCode, 200);
    t.same(await identity.tables.selectFrom('user').select('name').execute(), [{ name }]);
    t.notMatch(identity.logs(), '"level":50', 'none of it is an error of ours');
  },
);

onEachStore('a wrong password and an unknown address get the same answer', async (t, store) => {
  const identity = await startIdentity(t, store);
  await identity.signUp('ada@example.com');
  const wrong = { email: 'ada@example.com', password: 'not the password at all' };
  const unknown = { ...wrong, email: 'eve@example.com' };
  const answers = [
    await post(identity, '/sign-in/email', wrong),
    await post(identity, '/sign-in/email', unknown),
  ];
  t.equal(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`)).size, 1);
});

onEachStore('another site in the same browser cannot sign anybody in or out', async (t, store) => {
  const identity = await startIdentity(t, store, { trustedOrigins: ['https://app.example.com'] });
  const { session } = await identity.signUp('ada@example.com');
  const credentials = { email: 'ada@example.com', password: PASSWORD };
  const cross: readonly Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'https://app.example.com.evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: BASE_URL.replace('4000', '4001'), 'sec-fetch-site': 'same-site' },
  ];
  for (const headers of cross) {
    const all = { ...headers, ...cookieOf(session) };
    for (const [path, payload] of [
      ['/sign-in/email', credentials],
      ['/sign-out', {}],
    ] as const) {
      const answer = await post(identity, path, payload, all);
      t.equal(answer.statusCode, 403, JSON.stringify(headers));
      t.match(answer.json(), { errors: [{ extensions: { code: 'CSRF_REJECTED' } }] });
    }
  }
  t.match(await identity.identity.resolve({ kind: 'session', text: session }), { active: true });
  const own: readonly Record<string, string>[] = [
    {},
    { origin: BASE_URL },
    { origin: 'https://app.example.com', 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:4000' },
    { host: 'gate.example:8443', origin: 'https://gate.example:8443' },
  ];
  for (const headers of own) {
    const answer = await post(identity, '/sign-in/email', credentials, headers);
    t.equal(answer.statusCode, 200, JSON.stringify(headers));
  }
});

onEachStore('nothing else of /api/auth is served', async (t, store) => {
  const identity = await startIdentity(t, store);
  const { session } = await identity.signUp();
  for (const path of [
    '/ok',
    '/list-sessions',
    '/update-user',
    '/delete-user',
    '/delete-user/callback',
    '/verify-password',
    '/set-password',
    '/revoke-session',
    '/revoke-sessions',
    '/list-accounts',
    '/link-social',
    '/unlink-account',
    '/get-access-token',
    '/refresh-token',
    '/reset-password/token?callbackURL=/',
    '/two-factor/get-totp-uri',
    '/two-factor/send-otp',
    '/two-factor/verify-otp',
    '/organization/list',
    '/organization/create',
    '/error',
    '/../graphql',
  ]) {
    for (const method of ['GET', 'POST'] as const) {
      const answer = await identity.app.inject({
        method,
        url: `/api/auth${path}`,
        headers: cookieOf(session),
        ...(method === 'POST' && { payload: {} }),
      });
      t.ok([401, 404].includes(answer.statusCode), `${method} ${path} ${answer.statusCode}`);
    }
  }
});

onEachStore('a body that is too large, or is no JSON, goes no further', async (t, store) => {
  const identity = await startIdentity(t, store);
  const large = await post(identity, '/sign-in/email', { password: 'x'.repeat(65_536) });
  t.equal(large.statusCode, 413);
  const form = await identity.app.inject({
    method: 'POST',
    url: '/api/auth/sign-in/email',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'email=ada@example.com&password=x',
  });
  t.equal(form.statusCode, 415);
  const garbage = await identity.app.inject({
    method: 'POST',
    url: '/api/auth/sign-in/email',
    headers: { 'content-type': 'application/json' },
    payload: '{"email":',
  });
  t.equal(garbage.statusCode, 400);
});

onEachStore('a session that is to end with the browser stays one', async (t, store) => {
  const identity = await startIdentity(t, store);
  await identity.signUp('ada@example.com');
  const credentials = { email: 'ada@example.com', password: PASSWORD, rememberMe: false };
  const signedIn = await post(identity, '/sign-in/email', credentials);
  const cookies = [signedIn.headers['set-cookie']].flat().map((each) => `${each}`.split(';')[0]);
  t.notMatch(signedIn.headers['set-cookie'], /session_token=[^;]+; Max-Age/);
  await identity.tables
    .updateTable('session')
    .set({ expiresAt: new Date(Date.now() + 3_600_000).toISOString() })
    .execute();
  const got = await identity.app.inject({
    url: '/api/auth/get-session',
    headers: { cookie: cookies.join('; ') },
  });
  t.match(got.json(), { user: { email: 'ada@example.com' } });
  t.notMatch(`${got.headers['set-cookie']}`, /session_token=[^;]+; Max-Age=6/);
});

onEachStore('a request that a gateway passes on is answered as over HTTP', async (t, store) => {
  const identity = await startIdentity(t, store);
  const body = JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: PASSWORD });
  const answer = await identity.identity.forward({
    method: 'POST',
    url: '/api/auth/sign-up/email',
    headers: {
      'content-type': 'application/json',
      'content-length': '1',
      'castellan-client-address': '203.0.113.9',
      host: 'gate.example',
      origin: 'https://gate.example',
    },
    body: Buffer.from(body),
  });
  t.equal(answer.status, 200);
  const session = sessionOf([answer.headers['set-cookie'] ?? ''].flat());
  t.match(await identity.identity.resolve({ kind: 'session', text: session }), { active: true });
  t.match(JSON.parse(Buffer.from(answer.body).toString()), { user: { email: 'ada@example.com' } });
  const [row] = await identity.tables
    .$extendTables<{ session: { ipAddress: string } }>()
    .selectFrom('session')
    .select('ipAddress')
    .execute();
  t.equal(row?.ipAddress, '203.0.113.9');
  await t.rejects(identity.identity.forward({ method: 'POST', url: '/introspect', headers: {} }), {
    code: 'NOT_FOUND',
  });
});
