import t from 'tap';
import { createApiKey } from '#contract/api-key.ts';
import { CLAIMS_TYPE } from '#contract/claims.ts';
import { startAuthApp } from '../support/auth-app.ts';
import { issuerOptions, startIssuerApp } from '../support/issuer-app.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryIdentity } from '../support/memory-identity.ts';
import { startTokenIssuer } from '../support/token-issuer.ts';

type Json = Record<string, unknown>;

t.test('two issuers with the same kid are not mixed up', async (t) => {
  const clock = new ManualClock();
  const [one, two] = [await startTokenIssuer(t, clock), await startTokenIssuer(t, clock)];
  const { send, callers } = await startAuthApp(t, {
    clock,
    options: { issuers: [issuerOptions(one), issuerOptions(two)] },
  });
  const status = async (token: string) =>
    (await send({ headers: ['Authorization', `Bearer ${token}`] })).status;
  t.equal(await status(one.token()), 200);
  t.equal(await status(two.token()), 200);
  t.equal(await status(one.token({}, {}, two.key)), 401, 'of one, by the key of two');
  t.equal(await status(two.token({}, {}, one.key)), 401, 'of two, by the key of one');
  t.same(
    callers.map(({ subject }) => subject),
    [`${one.issuer}|ann`, `${two.issuer}|ann`],
  );
});

t.test(
  'an outside subject is never a user of ours, and keys and sessions come first',
  async (t) => {
    const clock = new ManualClock();
    const issuer = await startTokenIssuer(t, clock);
    const identity = new MemoryIdentity();
    const key = createApiKey('live');
    identity.add(key);
    const { send, callers, logs } = await startAuthApp(t, {
      clock,
      identity,
      options: { issuers: [issuerOptions(issuer)] },
    });
    const get = (token: string) => send({ headers: ['Authorization', `Bearer ${token}`] });
    t.equal((await get(issuer.token({ sub: 'user_1', jti: 'key_1' }))).status, 200);
    t.equal(identity.asked.length, 0, 'identity hears of no outside token');
    t.equal(callers[0]?.subject, `${issuer.issuer}|user_1`);
    t.equal((await get(key)).status, 200);
    t.equal(callers[1]?.subject, 'user_1');
    t.equal(identity.asked.length, 1);
    t.notMatch(logs.join(''), /eyJ/);
    const cookie = `castellan.session_token=${issuer.token()}`;
    t.equal((await send({ headers: ['Cookie', cookie] })).status, 401, 'a cookie is a session');
  },
);

t.test(
  'text of no configured shape costs nothing, and a gateway without issuers knows no JWT',
  async (t) => {
    const { issuer, status, callers } = await startIssuerApp(t);
    for (const text of [
      'garbage',
      'a.b.c',
      'e.e',
      `${issuer.token()}.`,
      createApiKey('live'),
      'e'.repeat(64),
    ]) {
      t.equal(await status(text), 401, text);
    }
    t.equal(issuer.fetches, 0);
    const identity = new MemoryIdentity();
    const without = await startAuthApp(t, { identity });
    const headers = ['Authorization', `Bearer ${issuer.token()}`];
    t.equal((await without.send({ headers })).status, 401);
    t.same([identity.asked, callers], [[], []]);
  },
);

t.test(
  'a gateway without an identity has no sign-in, and mistakes in its options stop it',
  async (t) => {
    const { send } = await startIssuerApp(t);
    t.equal((await send({ path: '/api/auth/get-session' })).status, 404);
    t.equal((await send({ headers: ['Cookie', 'castellan.session_token=x'] })).status, 401);
    t.equal((await send()).status, 200, 'anonymous');
    const good = { issuer: 'https://issuer.example', audience: 'us' };
    const table: [Json, RegExp][] = [
      [{ issuers: [{ ...good, algorithms: ['HS256'] }] }, /issuers\.0\.algorithms/],
      [{ issuers: [{ ...good, algorithms: ['none'] }] }, /issuers\.0\.algorithms/],
      [{ issuers: [{ ...good, algorithms: [] }] }, /issuers\.0\.algorithms/],
      [{ issuers: [{ ...good, types: [CLAIMS_TYPE] }] }, /issuers\.0\.types/],
      [{ issuers: [{ issuer: good.issuer }] }, /issuers\.0/],
      [{ issuers: [{ ...good, audience: [] }] }, /issuers\.0\.audience/],
      [{ issuers: [{ ...good, audiences: 'us' }] }, /audiences is not an option/],
      [
        { issuers: [{ ...good, issuer: 'http://issuer.example' }] },
        /issuers\.0\.issuer must be https/,
      ],
      [
        { issuers: [{ ...good, jwksUrl: 'https://a:secret@b.example/' }] },
        /^[^:]*: issuers\.0\.jwksUrl must be https[^:]*$/,
      ],
      [{ issuers: [good, good] }, /twice/],
      [{ issuers: [{ ...good, claims: { fixedScopes: ['a b'] } }] }, /fixedScopes/],
      [{ issuers: [{ ...good, claims: { scopeMap: { a: 'admin' } } }] }, /scopeMap/],
    ];
    for (const [options, message] of table) {
      await t.rejects(startAuthApp(t, { options }), { code: 'CONFIGURATION_INVALID', message });
    }
  },
);
