import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import t, { type Test } from 'tap';
import { createApiKey } from '#contract/api-key.ts';
import { startAuthApp } from '../support/auth-app.ts';
import { type Received, startIdentityServer } from '../support/identity-server.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryIdentity } from '../support/memory-identity.ts';
import { AUDIENCE, startTokenIssuer } from '../support/token-issuer.ts';

type Json = Record<string, unknown>;

const ISSUER = 'https://accounts.example.com';
const SECRET = `p@ss word+${randomBytes(8).toString('hex')}`;
const BEARER = randomBytes(16).toString('hex');
process.env.TEST_INTROSPECTION_SECRET = SECRET;
process.env.TEST_INTROSPECTION_BEARER = BEARER;

const opaque = () => `at_${randomBytes(24).toString('base64url')}`;

async function start(t: Test, changes: Json = {}, options: Json = {}) {
  const clock = new ManualClock();
  let answer: Json | ((response: ServerResponse, received: Received) => void) = {};
  const server = await startIdentityServer(t, (received, response) => {
    if (typeof answer === 'function') answer(response, received);
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  const gateway = await startAuthApp(t, {
    clock,
    options: {
      introspection: [
        {
          issuer: ISSUER,
          url: `${server.url}/oauth/introspect?realm=a`,
          clientId: 'gate:way',
          clientSecretEnv: 'TEST_INTROSPECTION_SECRET',
          tokenPrefix: 'at_',
          ...changes,
        },
      ],
      ...options,
    },
  });
  const present = (token: string) =>
    gateway.send({ headers: ['Authorization', `Bearer ${token}`] });
  return {
    ...gateway,
    clock,
    received: server.received,
    answerWith(given: typeof answer) {
      answer = given;
    },
    present,
    status: async (token: string) => (await present(token)).status,
    now: () => Math.floor(clock.now() / 1_000),
  };
}

t.test('an opaque token is asked about once, as RFC 7662 wants it', async (t) => {
  const { answerWith, status, received, callers, clock, now, logs } = await start(t);
  answerWith({ active: true, sub: 'ann', scope: 'blog:read admin', exp: now() + 60, jti: 'j1' });
  const token = opaque();
  t.equal(await status(token), 200);
  t.equal(await status(token), 200);
  t.match(callers[0], {
    kind: 'jwt',
    subject: `${ISSUER}|ann`,
    permissions: { scopes: ['blog:read'], grants: [] },
    credentialId: 'j1',
    expiresAt: clock.now() + 60_000,
  });
  t.equal(received.length, 1);
  const [question] = received;
  t.match(question, { method: 'POST', url: '/oauth/introspect?realm=a' });
  t.equal(question?.headers['content-type'], 'application/x-www-form-urlencoded');
  t.same(new URLSearchParams(question?.body).getAll('token'), [token]);
  const basic = Buffer.from(String(question?.headers.authorization).slice(6), 'base64').toString();
  const [id = '', secret = ''] = basic.split(':');
  t.equal(id, 'gate%3Away', 'form-encoded (RFC 6749 §2.3.1)');
  t.equal(secret, new URLSearchParams({ s: SECRET }).toString().slice(2));
  clock.advance(5_000);
  await status(token);
  t.equal(received.length, 2, 'after entrySeconds it is asked about again');
  const log = logs.join('');
  t.notOk(
    [token, SECRET, secret, basic].some((each) => log.includes(each)),
    'nothing is in the log',
  );
});

t.test('a token is not believed beyond its end, nor before its beginning', async (t) => {
  const { answerWith, status, clock, now } = await start(t);
  const token = opaque();
  answerWith({ active: true, sub: 'ann', exp: now() + 2 });
  t.equal(await status(token), 200);
  clock.advance(2_000);
  t.equal(await status(token), 401, 'whatever the server still says');
  answerWith({ active: true, sub: 'ann', nbf: now() + 1 });
  t.equal(await status(opaque()), 401);
  answerWith({ active: true, sub: 'ann' });
  t.equal(await status(opaque()), 200, 'an end is not required');
});

t.test('what is not active is nobody’s, and asked about once', async (t) => {
  const { answerWith, status, received } = await start(t, { audience: AUDIENCE });
  const good = { active: true, sub: 'ann', aud: AUDIENCE, iss: ISSUER };
  answerWith(good);
  t.equal(await status(opaque()), 200);
  answerWith({ ...good, aud: ['other', AUDIENCE], iss: undefined });
  t.equal(await status(opaque()), 200);
  const table: [string, Json][] = [
    ['inactive', { active: false }],
    ['inactive, whatever else', { ...good, active: false }],
    ['of another issuer', { ...good, iss: 'https://elsewhere.example' }],
    ['for another audience', { ...good, aud: 'other' }],
    ['for no audience', { ...good, aud: undefined }],
    ['of nobody', { ...good, sub: undefined }],
    ['of a number', { ...good, sub: 1 }],
  ];
  for (const [name, answer] of table) {
    answerWith(answer);
    const token = opaque();
    const before = received.length;
    t.equal(await status(token), 401, name);
    t.equal(await status(token), 401, name);
    t.equal(received.length, before + 1, name);
  }
});

const hangs = /TimeoutError|aborted|no answer/;

t.test('what is no answer is 503, and the log says why', async (t) => {
  const send = (status: number, body: string) => (response: ServerResponse) => {
    response.statusCode = status;
    response.end(body);
  };
  const echo = (response: ServerResponse, { body }: Received) => response.end(`<p>${body}</p>`);
  const table: [string, Json | ((response: ServerResponse, received: Received) => void), RegExp][] =
    [
      ['nothing of the kind', {}, /no introspection/],
      ['active as a text', { active: 'true', sub: 'ann' }, /no introspection/],
      ['active as a number', { active: 1, sub: 'ann' }, /no introspection/],
      ['an end that is a text', { active: true, sub: 'ann', exp: 'soon' }, /no introspection/],
      ['an end that is no time', { active: true, sub: 'ann', exp: 1e300 }, /no introspection/],
      ['an array', send(200, '[{"active":true}]'), /something else than a JSON object/],
      ['a page that repeats the token', echo, /something else than a JSON object/],
      ['too long', send(200, `{"active":true,"x":"${'x'.repeat(70_000)}"}`), /longer than 65536/],
      ['our secret is not the right one', send(401, '{}'), /status 401/],
      ['status 500', send(500, '{"active":true,"sub":"ann"}'), /status 500/],
      ['status 201', send(201, '{"active":true,"sub":"ann"}'), /status 201/],
      [
        'a redirect',
        (response) => response.writeHead(307, { location: '/elsewhere' }).end(),
        /status 307/,
      ],
      ['nothing', () => undefined, hangs],
      ['a hang-up', (response) => response.destroy(), /other side closed|ECONNRESET/],
    ];
  for (const [name, answer, reason] of table) {
    // Time is short only where no answer is to come.
    const lookupTimeoutMs = reason === hangs ? 400 : 30_000;
    const { answerWith, present, logs, received } = await start(t, {}, { lookupTimeoutMs });
    answerWith(answer);
    const token = opaque();
    const { status, text } = await present(token);
    t.equal(status, 503, name);
    t.match(text, /IDENTITY_UNAVAILABLE/, name);
    t.equal(received.length, 1, `${name}: asked once, and nobody else`);
    const log = logs.join('');
    t.match(log, reason, name);
    t.notOk(log.includes(token) || log.includes(SECRET), name);
  }
});

t.test('text of another shape is refused without being asked about', async (t) => {
  const { answerWith, status, received } = await start(t, { maxTokenLength: 64 });
  answerWith({ active: true, sub: 'ann' });
  const good = `at_${'a'.repeat(20)}`;
  const table = [
    `xt_${'a'.repeat(20)}`,
    'at_short',
    `at_${'a'.repeat(62)}`,
    `at_${'a'.repeat(20)} b`,
    `at_${'a'.repeat(20)}&token=b`,
    `at_${'ä'.repeat(20)}`,
    `AT_${'a'.repeat(20)}`,
    createApiKey('live'),
  ];
  for (const text of table) t.equal(await status(text), 401, text);
  t.equal(received.length, 0);
  t.equal(await status(good), 200);
});

t.test('the first server whose shape fits is asked, and JWTs by their keys before', async (t) => {
  const clock = new ManualClock();
  const servers = await Promise.all(
    ['one', 'two'].map((sub) =>
      startIdentityServer(t, (_, response) => response.end(JSON.stringify({ active: true, sub }))),
    ),
  );
  const issuer = await startTokenIssuer(t, clock);
  const identity = new MemoryIdentity();
  const key = createApiKey('live');
  identity.add(key);
  const { send, callers } = await startAuthApp(t, {
    clock,
    identity,
    options: {
      issuers: [{ issuer: issuer.issuer, audience: AUDIENCE, jwksUrl: `${issuer.issuer}/keys` }],
      introspection: servers.map(({ url }, index) => ({
        issuer: ISSUER,
        url,
        auth: 'bearer',
        clientSecretEnv: 'TEST_INTROSPECTION_BEARER',
        tokenPrefix: ['at_', ''][index],
        maxTokenLength: 4_096,
      })),
    },
  });
  for (const token of [opaque(), 'f'.repeat(64), issuer.token(), key]) {
    t.equal((await send({ headers: ['Authorization', `Bearer ${token}`] })).status, 200);
  }
  t.same(
    callers.map(({ subject }) => subject),
    [`${ISSUER}|one`, `${ISSUER}|two`, `${issuer.issuer}|ann`, 'user_1'],
  );
  t.same(
    servers.map(({ received }) => received.map(({ headers }) => headers.authorization)),
    [[`Bearer ${BEARER}`], [`Bearer ${BEARER}`]],
  );
});

t.test('a secret that is missing stops the boot, and only its variable is named', async (t) => {
  process.env.TEST_INTROSPECTION_BROKEN = 'line\nbreak';
  const good = { issuer: ISSUER, url: 'https://as.example/introspect', clientId: 'gateway' };
  const table: [Json, RegExp][] = [
    [
      { ...good, clientSecretEnv: 'TEST_INTROSPECTION_NONE' },
      /TEST_INTROSPECTION_NONE must be set/,
    ],
    [
      { ...good, clientSecretEnv: 'TEST_INTROSPECTION_BROKEN' },
      /^(?!.*break).*TEST_INTROSPECTION_BROKEN/,
    ],
    [{ ...good, clientId: undefined, clientSecretEnv: 'TEST_INTROSPECTION_SECRET' }, /clientId/],
    [
      { ...good, auth: 'bearer', clientSecretEnv: 'TEST_INTROSPECTION_SECRET' },
      /^(?!.*p@ss).*no.* bearer/,
    ],
    [{ ...good, clientSecret: 'in the open' }, /introspection\.0/],
    [
      { ...good, url: 'http://as.example/', clientSecretEnv: 'TEST_INTROSPECTION_SECRET' },
      /introspection\.0\.url must be https/,
    ],
  ];
  for (const [introspection, message] of table) {
    await t.rejects(startAuthApp(t, { options: { introspection: [introspection] } }), {
      code: 'CONFIGURATION_INVALID',
      message,
    });
  }
});
