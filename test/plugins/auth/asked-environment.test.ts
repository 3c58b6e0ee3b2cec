import type { FastifyRequest } from 'fastify';
import t from 'tap';
import { createApiKey } from '#contract/api-key.ts';
import { encodeResolution } from '#contract/introspection.ts';
import { admitConnection } from '#plugins/auth/admit-connection.ts';
import { createHttpIdentity } from '#plugins/auth/http-identity.ts';
import { createTokenResolver } from '#plugins/auth/issuers/token-resolver.ts';
import { sessionText, startAuthApp } from './support/auth-app.ts';
import { startIdentityServer } from './support/identity-server.ts';
import { callerWith, MemoryIdentity } from './support/memory-identity.ts';

const key = createApiKey('live');
const session = sessionText();
const FORBIDDEN =
  '{"errors":[{"message":"You do not have permission to perform this action","extensions":{"code":"FORBIDDEN"}}]}';

function known(): MemoryIdentity {
  const identity = new MemoryIdentity();
  identity.add(key);
  identity.addIn('environment_1', key);
  identity.addIn('staging', key, { environment: 'environment_2' });
  identity.add(session, { kind: 'session', credentialId: 'session_1' });
  identity.addIn('environment_1', session, { kind: 'session', credentialId: 'session_1' });
  return identity;
}

const asking = (environment: string, credential = key) => [
  'authorization',
  `Bearer ${credential}`,
  'castellan-environment',
  environment,
];

t.test('a request is in the environment that its header names', async (t) => {
  const identity = known();
  const { send, callers } = await startAuthApp(t, { identity });
  for (const headers of [
    asking('environment_1'),
    asking('environment_1'),
    asking('staging'),
    asking('environment_1', session),
    ['authorization', `Bearer ${key}`],
  ]) {
    t.equal((await send({ headers })).status, 200);
  }
  t.same(
    callers.map(({ environment }) => environment),
    ['environment_1', 'environment_1', 'environment_2', 'environment_1', null],
  );
  t.equal(callers[0], callers[1], 'each is remembered for itself');
  t.equal(identity.asked.length, 4);
});

t.test('a thousand requests in one environment are one look-up', async (t) => {
  const identity = known();
  const { send } = await startAuthApp(t, { identity });
  await Promise.all(
    Array.from({ length: 1_000 }, () => send({ headers: asking('environment_1') })),
  );
  t.equal(identity.asked.length, 1);
});

t.test('whatever else the header says is forbidden, in the same words', async (t) => {
  const identity = known();
  const { send, callers } = await startAuthApp(t, { identity });
  const answers = [];
  for (const asked of ['none', 'of-somebody-else', '', 'a b', 'ü', 'x'.repeat(200)]) {
    answers.push(await send({ headers: asking(encodeURI(asked)) }));
  }
  answers.push(
    await send({ headers: [...asking('environment_1'), 'Castellan-Environment', 'environment_1'] }),
  );
  for (const { status, text, headers } of answers) {
    t.equal(status, 403);
    t.equal(text, FORBIDDEN);
    t.equal(headers['www-authenticate'], undefined);
  }
  t.same(callers, []);
  const before = identity.asked.length;
  await send({ headers: asking('none') });
  await send({ headers: asking('x y') });
  t.equal(identity.asked.length, before, 'refusals are remembered');
  identity.addIn('none', key);
  identity.emit('environment', 'none');
  t.equal((await send({ headers: asking('none') })).status, 200, 'until something happens');
});

t.test('a bad credential stays one, whatever the header says', async (t) => {
  const identity = known();
  identity.add(session, { kind: 'session', addresses: ['203.0.113.0/24'] });
  const { send } = await startAuthApp(t, { identity });
  for (const headers of [
    asking('none', createApiKey('live')),
    asking('none', session),
    asking('none', 'garbage'),
    ['castellan-environment', 'environment_1'],
  ]) {
    t.equal((await send({ headers })).status, 401);
  }
});

t.test('anybody is where the deployment has them, and nowhere else', async (t) => {
  const identity = known();
  const place = { environment: 'environment_1', subject: null, credentialId: null };
  identity.add('environment_1', { ...callerWith(place), kind: 'anonymous' });
  const options = { publicEnvironment: 'environment_1' };
  const { send } = await startAuthApp(t, { identity, options });
  t.equal((await send({ headers: ['castellan-environment', 'environment_1'] })).status, 200);
  t.equal((await send({ headers: ['castellan-environment', 'environment_2'] })).status, 401);
});

t.test('a token of another issuer is where its issuer says', async (t) => {
  const caller = callerWith({ kind: 'jwt', environment: 'environment_1' });
  const outside = {
    count: 1,
    kindOf: () => 'jwt' as const,
    resolve: async () => ({ active: true, caller, asOfSequence: 0 }) as const,
    close: async () => undefined,
  };
  const { resolve } = createTokenResolver(new MemoryIdentity(), outside as never); // what it uses of it
  const token = { kind: 'jwt', text: 'x' } as const;
  t.match(await resolve(token), { active: true });
  t.match(await resolve({ ...token, inEnvironment: 'environment_1' }), { active: true });
  t.match(await resolve({ ...token, inEnvironment: 'environment_2' }), {
    active: false,
    elsewhere: { kind: 'elsewhere' },
  });
});

t.test('a connection is in the environment of its payload, or of its upgrade', async (t) => {
  const asked: unknown[] = [];
  const callers = {
    callerOf: (credential: { readonly inEnvironment?: string }) => {
      asked.push(credential.inEnvironment);
      return credential.inEnvironment === 'none' ? { kind: 'elsewhere' } : callerWith();
    },
  };
  const admit = admitConnection(
    callers as never,
    { name: 'castellan.session_token', cleared: '' } as never,
    { watch: () => undefined } as never,
    () => null,
    () => null,
    () => undefined,
  );
  const connect = async (payload: object, header?: string) => {
    const headers = header === undefined ? {} : { 'castellan-environment': header };
    const request = { headers, raw: { rawHeaders: [] }, ip: '127.0.0.1' };
    // Only what the hook looks at.
    await admit({} as never, { ...payload }, request as unknown as FastifyRequest);
    return asked.at(-1);
  };
  const Authorization = `Bearer ${key}`;
  t.equal(await connect({ Authorization }), undefined);
  t.equal(await connect({ Authorization }, 'one'), 'one');
  t.equal(await connect({ Authorization, 'Castellan-Environment': 'two' }, 'one'), 'two');
  t.equal(await connect({ headers: { Authorization, 'castellan-environment': 'two' } }), 'two');
  const twice = { 'castellan-environment': 'one', headers: { 'castellan-environment': 'two' } };
  t.equal(await connect({ Authorization, ...twice }), '');
  t.equal(await connect({ Authorization, 'castellan-environment': 7 }), '');
  await t.rejects(connect({ Authorization }, 'none'), { code: 'FORBIDDEN' });
});

t.test('a service that does not know of environments is not believed', async (t) => {
  let repeats = true;
  const caller = callerWith({ environment: 'environment_1', project: 'project_1' });
  const server = await startIdentityServer(t, ({ body }, response) => {
    const place = new URLSearchParams(body).get('environment');
    const answer = encodeResolution({ active: true, caller, asOfSequence: 1 });
    response.end(JSON.stringify({ ...answer, ...(repeats && { in_environment: place }) }));
  });
  const identity = createHttpIdentity({
    url: server.url,
    secret: 'a-secret-of-this-test',
    lookupTimeoutMs: 5_000,
    forwardTimeoutMs: 5_000,
    leaseSeconds: 2,
    onFeedFailure: () => undefined,
  });
  t.teardown(() => identity.close());
  const credential = { kind: 'key', text: key, inEnvironment: 'environment_1' } as const;
  t.match(await identity.resolve(credential), { active: true });
  repeats = false;
  await t.rejects(identity.resolve(credential), { code: 'IDENTITY_UNAVAILABLE' });
});
