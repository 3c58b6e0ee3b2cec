import type { ServerResponse } from 'node:http';
import t, { type Test } from 'tap';
import { createApiKey } from '#contract/api-key.ts';
import { encodeResolution } from '#contract/introspection.ts';
import { createHttpIdentity } from '#plugins/auth/http-identity.ts';
import { startAuthApp } from './support/auth-app.ts';
import { type Received, startIdentityServer } from './support/identity-server.ts';
import { callerWith } from './support/memory-identity.ts';

const secret = 'the-secret-of-gateway-and-identity';
const caller = callerWith({ organization: 'org_1', expiresAt: 1_900_000_000_000 });
const active = JSON.stringify(encodeResolution({ active: true, caller, asOfSequence: 7 }));

const limits = {
  lookupTimeoutMs: 1_000,
  forwardTimeoutMs: 1_000,
  leaseSeconds: 2,
  onFeedFailure: () => undefined,
};

async function setUp(
  t: Test,
  answer: (received: Received, response: ServerResponse) => void,
  path = '',
) {
  const server = await startIdentityServer(t, answer);
  const identity = createHttpIdentity({ url: server.url + path, secret, ...limits });
  t.teardown(() => identity.close());
  return { identity, server };
}

t.test(
  'a credential is asked of /introspect as RFC 7662 says, with the shared secret',
  async (t) => {
    const { identity, server } = await setUp(t, (_, response) => response.end(active), '/id/');
    const text = 'a+b/c=.&%';
    const resolution = await identity.resolve({ kind: 'session', text });
    t.same(resolution, { active: true, caller: { ...caller, asOfSequence: 7 }, asOfSequence: 7 });
    const [asked] = server.received;
    t.match(asked, {
      method: 'POST',
      url: '/id/introspect',
      headers: {
        authorization: `Bearer ${secret}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
    });
    t.same(
      [...new URLSearchParams(asked?.body)],
      [
        ['token', text],
        ['token_type_hint', 'session'],
      ],
    );
  },
);

t.test('an inactive credential is nobody’s', async (t) => {
  const { identity } = await setUp(t, (_, response) =>
    response.end('{"active":false,"sequence":3}'),
  );
  t.same(await identity.resolve({ kind: 'key', text: 'x' }), { active: false, asOfSequence: 3 });
});

t.test('whatever is not a proper answer is IDENTITY_UNAVAILABLE', async (t) => {
  const table: [string, (response: ServerResponse) => void][] = [
    ['401', (response) => response.writeHead(401).end(active)],
    ['500', (response) => response.writeHead(500).end(active)],
    ['a redirect', (response) => response.writeHead(302, { location: '/introspect' }).end()],
    ['no JSON', (response) => response.end('<html>')],
    ['nothing', (response) => response.end()],
    ['another shape', (response) => response.end('{"active":"true","sequence":1}')],
    [
      'an active nobody',
      (response) => response.end('{"active":true,"sequence":1,"kind":"anonymous","scope":""}'),
    ],
    ['too long', (response) => response.end(active + ' '.repeat(70_000))],
    ['a broken connection', (response) => response.destroy()],
    [
      'half an answer',
      (response) => response.writeHead(200, { 'content-length': 500 }).write('{"active":'),
    ],
    ['no answer', () => undefined],
  ];
  for (const [name, answer] of table) {
    const { identity } = await setUp(t, (_, response) => answer(response));
    await t.rejects(
      identity.resolve({ kind: 'key', text: 'x' }),
      { code: 'IDENTITY_UNAVAILABLE' },
      name,
    );
  }
});

t.test('a URL or a secret that cannot be used is refused without repeating it', async (t) => {
  const table: [string, string][] = [
    ['not a url', secret],
    ['file:///etc/passwd', secret],
    ['http://user:hunter2@127.0.0.1:1', secret],
    ['http://127.0.0.1:1/?a=b', secret],
    ['http://127.0.0.1:1', 'hunter2'],
    ['http://127.0.0.1:1', `hunter2-hunter2-hunter2\r\nx: y`],
  ];
  for (const [url, secret] of table) {
    const error = t.throws(() => createHttpIdentity({ url, secret, ...limits }), {
      code: 'CONFIGURATION_INVALID',
    });
    t.notMatch(String(error), /hunter2/);
  }
});

t.test(
  'with identity as a service a key is answered, refused, or told to come again',
  async (t) => {
    let answer = active;
    const server = await startIdentityServer(t, ({ url }, response) => {
      const nonce = /^\/lease\?nonce=(.*)$/.exec(url)?.[1];
      if (url === '/events') response.write('event: reset\nid: 7-1\ndata: {}\n\n');
      else if (nonce !== undefined) response.end(JSON.stringify({ nonce, sequence: 7 }));
      else response.writeHead(answer === '' ? 500 : 200).end(answer);
    });
    const config = { identityUrl: server.url, identitySecret: secret };
    const app = await startAuthApp(t, { config });
    const key = createApiKey('live');
    const headers = ['authorization', `Bearer ${key}`];
    const expired = JSON.stringify({ active: false, sequence: 1 });

    t.equal((await app.send({ headers })).status, 200);
    t.equal((await app.send({ headers })).status, 200);
    const asked = server.received.filter(({ url }) => url === '/introspect');
    t.equal(asked.length, 1, 'asked once');
    t.match(app.callers, [{ subject: 'user_1', kind: 'key' }, { subject: 'user_1' }]);
    answer = expired;
    t.equal(
      (await app.send({ headers: ['authorization', `Bearer ${createApiKey('live')}`] })).status,
      401,
    );
    answer = '';
    const refused = await app.send({ headers: ['authorization', `Token ${createApiKey('test')}`] });
    t.equal(refused.status, 503);
    t.ok(refused.headers['retry-after']);
    t.equal(JSON.parse(refused.text).errors[0].extensions.code, 'IDENTITY_UNAVAILABLE');
    const log = app.logs.join('');
    t.match(log, /introspection was answered with 500/, 'the reason is in the log');
    for (const text of [key, secret, 'cst_']) t.notOk(log.includes(text), 'and no secret');
  },
);

t.test('sign-in is passed on with its bytes, and its cookies come back apart', async (t) => {
  const { identity, server } = await setUp(t, (_, response) => {
    response.setHeader('set-cookie', ['a=1', 'b=2']);
    response.writeHead(201).end('made');
  });
  const body = Buffer.from('{"email":"a@b.example"}');
  const response = await identity.forward({
    method: 'POST',
    url: '/api/auth/sign-up/email?x=1',
    headers: { host: 'gateway.example', 'content-type': 'application/json' },
    body,
  });
  t.equal(response.status, 201);
  t.same(response.headers['set-cookie'], ['a=1', 'b=2']);
  t.equal(Buffer.from(response.body).toString(), 'made');
  t.match(server.received, [{ url: '/api/auth/sign-up/email?x=1', body: body.toString() }]);
  t.equal(server.received[0]?.headers.host, 'gateway.example', 'under the name the client used');
  t.equal(server.received[0]?.headers.authorization, `Bearer ${secret}`, 'identity believes it');
});

t.test('a lease is what answers its own nonce, and nothing else', async (t) => {
  const nonceOf = (url: string) => new URLSearchParams(url.split('?')[1]).get('nonce') ?? '';
  let kept = '';
  const answers: Record<string, (nonce: string) => string> = {
    proper: (nonce) => JSON.stringify({ nonce, sequence: 7 }),
    replayed: () => kept,
    'without a nonce': () => '{"sequence":7}',
    'without a number': (nonce) => JSON.stringify({ nonce }),
    'of another shape': (nonce) => JSON.stringify({ nonce, sequence: '7' }),
    'no JSON': () => 'yes',
  };
  let answer = 'proper';
  const { identity, server } = await setUp(t, ({ url }, response) => {
    const text = answers[answer]?.(nonceOf(url)) ?? '';
    kept ||= text;
    response.end(text);
  });
  t.equal(await identity.lease(), 7);
  for (answer of Object.keys(answers).slice(1)) {
    await t.rejects(identity.lease(), { code: 'IDENTITY_UNAVAILABLE' }, answer);
  }
  answer = 'proper';
  t.equal(await identity.lease(), 7);
  const nonces = server.received.map(({ url }) => nonceOf(url));
  t.equal(new Set(nonces).size, nonces.length, 'no nonce is used twice');
  t.ok(nonces.every((nonce) => /^[0-9a-f]{32}$/.test(nonce)));
  t.match(server.received[0], {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}` },
  });
});

t.test('a lease waits behind no look-up', async (t) => {
  const { identity } = await setUp(t, ({ url }, response) => {
    const nonce = /nonce=(.*)/.exec(url)?.[1];
    if (nonce !== undefined) response.end(JSON.stringify({ nonce, sequence: 1 }));
  });
  const lookups = Array.from({ length: 200 }, () => identity.resolve({ kind: 'key', text: 'a' }));
  const all = Promise.allSettled(lookups);
  t.equal(await identity.lease(), 1);
  await all;
});

t.test('a feed of events that is refused is asked for again, until it is there', async (t) => {
  const { promise: isReset, resolve: onReset } = Promise.withResolvers<number>();
  const refusals: ((response: ServerResponse) => void)[] = [
    (response) => response.writeHead(401).end('no'),
    // What is left of the answer never comes.
    (response) => response.writeHead(503, { 'content-length': 500 }).write('later'),
    (response) => response.writeHead(500).write('x'.repeat(100_000)),
  ];
  const { identity, server } = await setUp(t, ({ url }, response) => {
    if (url !== '/events') return response.end(active);
    const refuse = refusals.shift();
    if (refuse !== undefined) return refuse(response);
    return response.write('event: reset\nid: 7-1\ndata: {}\n\n');
  });
  identity.subscribe(() => undefined, onReset);
  t.equal(await isReset, 7);
  t.equal(server.received.length, 4);
  t.match(await identity.resolve({ kind: 'key', text: 'x' }), { active: true });
});
