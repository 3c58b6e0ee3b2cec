import t, { type Test } from 'tap';
import { createApiKey } from '#contract/api-key.ts';
import { encodeResolution } from '#contract/introspection.ts';
import { createHttpIdentity } from '#plugins/auth/http-identity.ts';
import { startAuthApp } from './support/auth-app.ts';
import { startIdentityServer } from './support/identity-server.ts';
import { callerWith, MemoryIdentity } from './support/memory-identity.ts';

const key = createApiKey('live');
const authorization = ['authorization', `Bearer ${key}`];

/** An identity whose one key is in any project but `nowhere`. */
class PlacedIdentity extends MemoryIdentity {
  override async resolve(...asked: Parameters<MemoryIdentity['resolve']>) {
    const found = await super.resolve(...asked);
    const { inProject: project } = asked[0];
    if (!found.active || project === undefined) return found;
    const { asOfSequence } = found;
    if (project === 'nowhere') {
      return { active: false as const, asOfSequence, elsewhere: { kind: 'elsewhere' as const } };
    }
    return { ...found, caller: { ...found.caller, project, environment: 'environment_1' } };
  }
}

async function start(test: Test, options: Record<string, unknown> = {}) {
  const identity = new PlacedIdentity();
  identity.add(key);
  const app = await startAuthApp(test, {
    identity,
    options,
    prepare(fastify) {
      const place = ({ params }: { params: unknown }) => ({
        project: (params as { project: string }).project,
      });
      fastify.get('/in/:project', { config: { place } }, async ({ caller }) => caller.project);
    },
  });
  return { ...app, identity };
}

t.test('a route says where a request is, and each place is remembered for itself', async (t) => {
  const { send, identity } = await start(t);
  for (const project of ['a', 'b', 'a', 'b']) {
    const { status, text } = await send({
      method: 'GET',
      path: `/in/${project}`,
      headers: authorization,
    });
    t.strictSame([status, text], [200, project]);
  }
  await send({ headers: authorization });
  t.strictSame(
    identity.asked.map(({ inProject }) => inProject),
    ['a', 'b', undefined],
  );
});

t.test(
  'a place that is not the caller’s is NOT_FOUND, and a bad credential is none of it',
  async (t) => {
    const { send, identity } = await start(t);
    const there = await send({ method: 'GET', path: '/in/nowhere', headers: authorization });
    t.equal(there.status, 404);
    t.match(JSON.parse(there.text), { errors: [{ extensions: { code: 'NOT_FOUND' } }] });
    const stranger = ['authorization', `Bearer ${createApiKey('live')}`];
    for (const project of ['a', 'nowhere']) {
      const { status } = await send({ method: 'GET', path: `/in/${project}`, headers: stranger });
      t.equal(status, 401);
    }
    identity.isDown = true;
    const down = await send({ method: 'GET', path: '/in/elsewhere', headers: authorization });
    t.equal(down.status, 503);
  },
);

t.test(
  'what is asked of a service says the place; one that answers without it is not believed',
  async (t) => {
    const caller = callerWith({ project: 'project_1', environment: 'environment_1' });
    const place = { inProject: 'Shop & Söhne', inEnvironment: 'master' };
    let repeated: object = { in_project: place.inProject, in_environment: place.inEnvironment };
    const service = await startIdentityServer(t, (_, response) => {
      response.setHeader('content-type', 'application/json');
      const answer = encodeResolution({ active: true, caller, asOfSequence: 1 });
      response.end(JSON.stringify({ ...answer, ...repeated }));
    });
    const identity = createHttpIdentity({
      url: service.url,
      secret: 'a-secret-of-gateway-and-identity',
      lookupTimeoutMs: 2_000,
      forwardTimeoutMs: 2_000,
      leaseSeconds: 2,
      onFeedFailure: () => undefined,
    });
    t.teardown(() => identity.close());
    const found = await identity.resolve({ kind: 'key', text: key, ...place });
    t.match(found, { active: true, caller: { project: 'project_1' } });
    const sent = new URLSearchParams(service.received.at(-1)?.body);
    t.strictSame([sent.get('project'), sent.get('environment')], ['Shop & Söhne', 'master']);
    repeated = {};
    await t.rejects(identity.resolve({ kind: 'key', text: key, ...place }), {
      code: 'IDENTITY_UNAVAILABLE',
    });
  },
);
