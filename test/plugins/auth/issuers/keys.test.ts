import type { ServerResponse } from 'node:http';
import t from 'tap';
import { startIssuerApp } from '../support/issuer-app.ts';
import { jwkOf, newKey } from '../support/token-issuer.ts';

t.test('a flood of made-up kids is one fetch in a while, and good tokens go on', async (t) => {
  const { issuer, status, fresh, clock } = await startIssuerApp(t, {
    issuer: { jwksCooldownSeconds: 30 },
  });
  t.equal(await status(fresh()), 200);
  const flood = async () => {
    const tokens = Array.from({ length: 100 }, (_, index) => fresh({ kid: `made-up-${index}` }));
    return new Set(await Promise.all(tokens.map(status)));
  };
  t.same(await flood(), new Set([401]));
  t.equal(issuer.fetches, 1, 'none just after a fetch');
  clock.advance(30_000);
  t.same(await flood(), new Set([401]));
  t.equal(issuer.fetches, 2, 'one that all share');
  clock.advance(29_999);
  await flood();
  t.equal(issuer.fetches, 2);
  t.equal(await status(fresh()), 200);
});

t.test('tokens that come together before the first fetch share it', async (t) => {
  const { issuer, status, fresh } = await startIssuerApp(t);
  const tokens = Array.from({ length: 50 }, () => fresh());
  t.same(new Set(await Promise.all(tokens.map(status))), new Set([200]));
  t.equal(issuer.fetches, 1);
});

t.test('a new key is believed after the pause, the old one while it is published', async (t) => {
  const { issuer, status, fresh, clock } = await startIssuerApp(t, {
    issuer: { jwksCooldownSeconds: 30 },
  });
  const second = newKey('ES256', 'second');
  t.equal(await status(fresh()), 200);
  issuer.published = [issuer.key, second];
  t.equal(await status(fresh({}, second)), 401);
  clock.advance(30_000);
  t.equal(await status(fresh({}, second)), 200);
  t.equal(await status(fresh()), 200);
  t.equal(issuer.fetches, 2);
});

t.test('in the second half of their age keys are fetched beside the requests', async (t) => {
  const { issuer, status, fresh, clock } = await startIssuerApp(t, {
    issuer: { jwksMaxAgeSeconds: 100 },
  });
  await status(fresh());
  const held = Promise.withResolvers<ServerResponse>();
  issuer.answer = held.resolve;
  clock.advance(50_000);
  t.equal(await status(fresh()), 200, 'while the server has not answered');
  const response = await held.promise;
  t.equal(issuer.fetches, 2);
  response.end(JSON.stringify({ keys: [jwkOf(issuer.key)] }));
});

t.test('without a first fetch nobody is let in, and nobody is refused for good', async (t) => {
  const { issuer, present, status, fresh, clock, logs } = await startIssuerApp(t);
  issuer.answer = (response) => response.destroy();
  const token = fresh();
  const answer = await present(token);
  t.equal(answer.status, 503);
  t.match(answer.text, /IDENTITY_UNAVAILABLE/);
  t.equal(answer.headers['retry-after'], '1');
  await Promise.all([fresh(), fresh(), fresh()].map(status));
  t.equal(issuer.fetches, 1, 'and it is not asked with each token');
  t.match(logs.join(''), /the keys of an issuer were not fetched/);
  issuer.answer = null;
  clock.advance(1_000);
  t.equal(await status(token), 200);
});

t.test('keys go on through an outage, for a bounded time, and bad tokens stay 401', async (t) => {
  const { issuer, status, fresh, clock } = await startIssuerApp(t, {
    issuer: {
      jwksMaxAgeSeconds: 100,
      jwksOutageSeconds: 1_000,
      jwksCooldownSeconds: 30,
    },
  });
  await status(fresh());
  issuer.answer = (response) => response.destroy();
  clock.advance(1_099_999);
  t.equal(await status(fresh()), 200);
  t.equal(issuer.fetches, 2, 'it was tried');
  t.equal(await status(fresh({}, newKey('ES256', 'first'))), 401);
  t.equal(await status(fresh({ kid: 'made-up' })), 401);
  clock.advance(1);
  t.equal(await status(fresh()), 503);
  issuer.answer = null;
  clock.advance(30_000);
  t.equal(await status(fresh()), 200);
});

t.test('while the issuer hangs, nobody waits who can go on', async (t) => {
  const { issuer, status, fresh, clock } = await startIssuerApp(t, {
    issuer: { jwksMaxAgeSeconds: 100, jwksCooldownSeconds: 30 },
    options: { lookupTimeoutMs: 10_000 },
  });
  await status(fresh());
  issuer.answer = (response) => response.destroy();
  clock.advance(100_000);
  t.equal(await status(fresh()), 200);
  const held = Promise.withResolvers<ServerResponse>();
  issuer.answer = held.resolve;
  clock.advance(30_000);
  t.equal(await status(fresh()), 200);
  const response = await held.promise;
  clock.advance(30_000);
  t.equal(await status(fresh()), 200);
  t.equal(issuer.fetches, 3, 'and it is asked no more while it has not answered');
  const second = newKey('ES256', 'second');
  response.end(JSON.stringify({ keys: [jwkOf(second)] }));
  t.equal(await status(fresh({}, second)), 200, 'what came of that fetch');
});

t.test(
  'a token of an unknown key is refused, not 503, when the keys are slow to come',
  async (t) => {
    const { issuer, status, fresh, clock } = await startIssuerApp(t);
    await status(fresh());
    issuer.answer = () => undefined;
    clock.advance(30_000);
    t.equal(await status(fresh({ kid: 'made-up' })), 401);
    t.equal(await status(fresh()), 200);
  },
);

t.test('a fetch that hangs is not joined by another', async (t) => {
  const { issuer, status, fresh, clock } = await startIssuerApp(t, {
    options: { lookupTimeoutMs: 10_000 },
  });
  const held = Promise.withResolvers<ServerResponse>();
  issuer.answer = held.resolve;
  const first = status(fresh());
  const response = await held.promise;
  clock.advance(60_000);
  const second = status(fresh());
  // Answered by the same process after the second request has been read.
  t.equal(await status('garbage'), 401);
  response.end(JSON.stringify({ keys: [jwkOf(issuer.key)] }));
  t.same(await Promise.all([first, second]), [200, 200]);
  t.equal(issuer.fetches, 1);
});

t.test('a token whose alg is not believed brings no fetch', async (t) => {
  const { issuer, status, fresh, clock } = await startIssuerApp(t);
  await status(fresh());
  clock.advance(30_000);
  for (const header of [
    { alg: 'HS256' },
    { alg: 'none' },
    { alg: 'ES384' },
    { crit: ['x'] },
    { typ: 'x' },
  ]) {
    t.equal(await status(fresh({ kid: 'made-up', ...header })), 401);
  }
  t.equal(issuer.fetches, 1);
});

t.test('an issuer that is slow stands in the way of no key of ours', async (t) => {
  const { issuer, status, fresh } = await startIssuerApp(t, {
    options: { maxConcurrentLookups: 1 },
  });
  const held = Promise.withResolvers<ServerResponse>();
  issuer.answer = held.resolve;
  const first = status(fresh());
  const response = await held.promise;
  t.equal(await status(fresh()), 503, 'another JWT waits for nothing');
  t.equal(
    await status(`${'a'.repeat(32)}.${Buffer.alloc(32).toString('base64')}`),
    401,
    'a session is looked up',
  );
  response.end(JSON.stringify({ keys: [jwkOf(issuer.key)] }));
  t.equal(await first, 200);
});
