import t from 'tap';
import { createApiKey } from '#contract/api-key.ts';
import { anonymousCaller } from '#contract/caller.ts';
import { encodeResolution } from '#contract/introspection.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import { createHttpIdentity } from '#plugins/auth/http-identity.ts';
import { startAuthApp } from './support/auth-app.ts';
import { startIdentityServer } from './support/identity-server.ts';
import { MemoryIdentity } from './support/memory-identity.ts';

const key = createApiKey('live');
const anybody = {
  ...anonymousCaller,
  credentialId: null,
  organization: 'org_1',
  project: 'project_1',
  environment: 'environment_1',
  permissions: permissionsOf(['read:all']),
};
const options = { publicEnvironment: 'environment_1' };

function known(): MemoryIdentity {
  const identity = new MemoryIdentity();
  identity.add('environment_1', anybody);
  identity.add(key);
  return identity;
}

t.test('who shows nothing has what is open to everybody in the environment', async (t) => {
  const identity = known();
  const { send, callers } = await startAuthApp(t, { identity, options });
  for (const path of ['/graphql', '/graphql']) t.equal((await send({ path })).status, 200);
  t.match(callers, [
    { kind: 'anonymous', subject: null, environment: 'environment_1' },
    { permissions: { scopes: ['read:all'] } },
  ]);
  t.equal(callers[0], callers[1], 'remembered');
  t.strictSame(identity.asked, [{ kind: 'environment', text: 'environment_1' }]);
});

t.test('an event about the environment has identity asked again', async (t) => {
  const identity = known();
  const { send, callers } = await startAuthApp(t, { identity, options });
  await send();
  identity.add('environment_1', { ...anybody, permissions: permissionsOf([]) });
  identity.emit('environment', 'environment_1');
  await send();
  t.strictSame(
    callers.map(({ permissions }) => permissions.scopes),
    [['read:all'], []],
  );
  identity.remove('environment_1');
  identity.emit('organization', 'org_1');
  await send();
  t.equal(callers[2], anonymousCaller, 'of one that is not there nobody has anything');
});

t.test('a credential is never mixed with it, also when it is wrong', async (t) => {
  const identity = known();
  const { send, callers } = await startAuthApp(t, { identity, options });
  t.equal((await send({ headers: ['Authorization', `Bearer ${key}`] })).status, 200);
  t.match(callers, [{ kind: 'key' }]);
  for (const text of [createApiKey('live'), 'environment_1', 'garbage']) {
    t.equal((await send({ headers: ['Authorization', `Bearer ${text}`] })).status, 401, text);
  }
  t.equal(callers.length, 1);
});

t.test('while identity does not answer nobody is told that they may do nothing', async (t) => {
  const identity = known();
  identity.isDown = true;
  const { send } = await startAuthApp(t, { identity, options });
  t.equal((await send()).status, 503);
  t.equal((await send({ path: '/open-to-all' })).status, 200);
});

t.test('a route says which environment it is in, or that it is in none', async (t) => {
  const identity = known();
  identity.add('environment_2', { ...anybody, environment: 'environment_2' });
  const { url } = await startAuthApp(t, {
    identity,
    options,
    prepare(app) {
      const environmentOf = (params: unknown) => (params as { readonly id: string }).id;
      app.get(
        '/v2/:id',
        { config: { publicEnvironment: ({ params }) => environmentOf(params) } },
        async ({ caller }) => String(caller.environment),
      );
      app.get(
        '/v2/:id/:environment',
        {
          config: {
            publicEnvironment: ({ params }) => ({
              project: environmentOf(params),
              environment: (params as { readonly environment: string }).environment,
            }),
          },
        },
        async ({ caller }) => String(caller.environment),
      );
      app.get('/none', { config: { publicEnvironment: () => null } }, async ({ caller }) =>
        String(caller.environment),
      );
    },
  });
  const get = async (path: string) => (await fetch(url + path)).text();
  t.equal(await get('/v2/environment_2'), 'environment_2');
  t.equal(await get('/v2/unknown'), 'null');
  t.equal(await get('/none'), 'null');
  t.equal(await get('/v2/project_1/environment_2'), 'environment_2');
  t.match(identity.asked.at(-1), {
    kind: 'environment',
    text: 'environment_2',
    inProject: 'project_1',
  });
  t.equal(await get('/v2/project_1/'), 'null', 'an empty name is none');
});

t.test('an answer about somebody else is no answer', async (t) => {
  let answer: unknown;
  const server = await startIdentityServer(t, (_received, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  });
  const identity = createHttpIdentity({
    url: server.url,
    secret: 'a-secret-of-both-sides',
    lookupTimeoutMs: 5_000,
    forwardTimeoutMs: 5_000,
    leaseSeconds: 2,
    onFeedFailure: () => undefined,
  });
  t.teardown(() => identity.close());
  const somebody = { ...anybody, kind: 'key' as const, subject: 'user_1', credentialId: 'key_1' };
  const told = (caller: typeof anybody | typeof somebody) => {
    answer = encodeResolution({ active: true, caller, asOfSequence: 1 });
  };
  const ofEnvironment = { kind: 'environment', text: 'environment_1' } as const;
  told(anybody);
  t.match(await identity.resolve(ofEnvironment), { active: true, caller: { kind: 'anonymous' } });
  t.match(server.received[0]?.body, /token=environment_1&token_type_hint=environment/);
  const unavailable = { code: 'IDENTITY_UNAVAILABLE' };
  await t.rejects(identity.resolve({ kind: 'key', text: key }), unavailable);
  await t.rejects(identity.resolve({ kind: 'environment', text: 'environment_2' }), unavailable);
  const named = { kind: 'environment', text: 'master', inProject: 'project_1' } as const;
  await t.rejects(identity.resolve(named), unavailable, 'of another project');
  told({ ...anybody, project: 'project_1' });
  await t.rejects(identity.resolve(named), unavailable, 'which was not asked about');
  answer = { ...(answer as object), in_project: 'project_1' };
  t.match(await identity.resolve(named), { active: true });
  told(somebody);
  await t.rejects(identity.resolve(ofEnvironment), unavailable);
  t.match(await identity.resolve({ kind: 'key', text: key }), { active: true });
});
