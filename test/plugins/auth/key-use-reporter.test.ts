import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import t from 'tap';
import { createApiKey } from '#contract/api-key.ts';
import type { KeyUse } from '#contract/key-use.ts';
import { KeyUseReporter } from '#plugins/auth/key-use-reporter.ts';
import { sessionText, startAuthApp } from './support/auth-app.ts';
import { startIdentityServer } from './support/identity-server.ts';
import { ManualClock } from './support/manual-clock.ts';
import { callerWith, MemoryIdentity } from './support/memory-identity.ts';

const DAY_MS = 86_400_000;
const request = { ip: '2001:db8:1:2::3', headers: { 'user-agent': 'curl/8.0 (secret)' } };

function reporterWith(reportUse: (uses: readonly KeyUse[]) => Promise<void>) {
  const clock = new ManualClock();
  const failures: unknown[] = [];
  const reporter = new KeyUseReporter(
    { identity: { reportUse }, clock, onFailure: (error) => failures.push(error) },
    { useReportSeconds: 60 },
  );
  t.teardown(() => reporter.close());
  const use = (credentialId: string, members = {}) =>
    reporter.note(callerWith({ credentialId, ...members }), request as unknown as FastifyRequest);
  return { clock, failures, reporter, use };
}

t.test('every request with a key is a use of it, and nobody waits for the report', async (t) => {
  const identity = new MemoryIdentity();
  const clock = new ManualClock();
  const key = createApiKey('test');
  const session = sessionText();
  const addresses = ['192.0.2.0/24'];
  identity.add(key, { credentialId: 'key_1' });
  identity.add(session, { kind: 'session', credentialId: 'session_1' });
  const bound = createApiKey('test');
  identity.add(bound, { credentialId: 'key_2', addresses });
  const { app, send } = await startAuthApp(t, { identity, clock });
  const as = (text: string) => ['authorization', `Bearer ${text}`, 'user-agent', 'curl/8.5.0'];
  for (let count = 0; count < 3; count += 1) await send({ headers: as(key) });
  await send({ headers: as(session) });
  await send({});
  t.equal((await send({ headers: as(bound) })).status, 401, 'from elsewhere it is not used');
  await send({ path: '/open-to-all', headers: as(key) });
  t.same(identity.reported, []);
  await app.close();
  t.same(identity.reported, [
    { keyId: 'key_1', count: 3, at: clock.now(), network: '127.0.0.0/24', userAgent: 'curl' },
  ]);
});

t.test('what is left when a gateway is closed still reaches identity over HTTP', async (t) => {
  const secret = 'the-secret-of-gateway-and-identity';
  const key = createApiKey('test');
  const answer = { active: true, sequence: 1, kind: 'key', sub: 'user_1', jti: 'key_1', scope: '' };
  const server = await startIdentityServer(t, ({ url }, response) =>
    url === '/uses'
      ? response.writeHead(204).end()
      : response.end(JSON.stringify({ ...answer, castellan: {} })),
  );
  const { app, send, logs } = await startAuthApp(t, {
    config: { identityUrl: server.url, identitySecret: secret },
  });
  const used = await send({ headers: ['authorization', `Bearer ${key}`] });
  t.equal(used.status, 200, used.text);
  await app.close();
  const report = server.received.find(({ url }) => url === '/uses');
  t.match(report, { method: 'POST', headers: { authorization: `Bearer ${secret}` } });
  t.match(JSON.parse(report?.body ?? ''), [{ keyId: 'key_1', count: 1, network: '127.0.0.0/24' }]);
  t.notMatch(logs.join(''), /not counted/);
});

t.test('a report says no more than the network and the kind of program', async (t) => {
  const reports: KeyUse[] = [];
  const { reporter, use } = reporterWith(async (uses) => void reports.push(...uses));
  use('key_1');
  await reporter.flush();
  t.match(reports, [{ network: '2001:db8:1::/48', userAgent: 'curl' }]);
});

t.test('uses of two days are two reports', async (t) => {
  const reports: KeyUse[] = [];
  const { clock, reporter, use } = reporterWith(async (uses) => void reports.push(...uses));
  const midnight = Math.floor(clock.now() / DAY_MS) * DAY_MS + DAY_MS;
  clock.setWall(midnight - 1);
  use('key_1');
  use('key_1');
  clock.setWall(midnight);
  use('key_1');
  await reporter.flush();
  t.match(reports, [
    { count: 2, at: midnight - 1 },
    { count: 1, at: midnight },
  ]);
});

t.test('a report that is lost is not sent again, and the next one is', async (t) => {
  const reports: KeyUse[] = [];
  let isDown = true;
  const { failures, reporter, use } = reporterWith(async (uses) => {
    reports.push(...uses);
    if (isDown) throw new Error('it is down');
  });
  use('key_1');
  await reporter.flush();
  t.equal(failures.length, 1);
  await reporter.flush();
  t.equal(reports.length, 1);
  isDown = false;
  use('key_2');
  await reporter.flush();
  t.match(reports, [{ keyId: 'key_1' }, { keyId: 'key_2' }]);
  t.equal(failures.length, 1);
});

t.test('neither keys nor reports pile up without a bound', async (t) => {
  const sizes: number[] = [];
  const gate = Promise.withResolvers<void>();
  const { failures, reporter, use } = reporterWith(async (uses) => {
    sizes.push(uses.length);
    await gate.promise;
  });
  for (let count = 0; count < 12_000; count += 1) use(`key_${count}`);
  void reporter.flush();
  for (let count = 0; count < 5; count += 1) {
    use('key_1');
    void reporter.flush();
  }
  t.equal(failures.length, 4, 'one is under way, one waits');
  gate.resolve();
  await reporter.flush();
  t.same(sizes, [...Array(10).fill(1_000), 1]);
});

t.test('only keys are counted', async (t) => {
  const reports: unknown[] = [];
  const { reporter, use } = reporterWith(async (uses) => void reports.push(...uses));
  for (const kind of ['session', 'jwt', 'anonymous'] as const)
    use(randomBytes(4).toString('hex'), { kind });
  await reporter.flush();
  t.same(reports, []);
});
