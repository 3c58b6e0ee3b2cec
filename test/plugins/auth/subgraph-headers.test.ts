import { createLocalJWKSet, jwtVerify } from 'jose';
import t from 'tap';
import { createApiKey } from '#contract/api-key.ts';
import { CLAIMS_TYPE, DEFAULT_ISSUER } from '#contract/claims.ts';
import { startAuthApp } from './support/auth-app.ts';
import { ManualClock } from './support/manual-clock.ts';
import { MemoryIdentity } from './support/memory-identity.ts';

t.test(
  'each subgraph gets claims of its own that the published keys verify, and never the credential',
  async (t) => {
    const identity = new MemoryIdentity();
    const clock = new ManualClock();
    const key = createApiKey('live');
    identity.add(key);
    const { send } = await startAuthApp(t, { identity, clock });
    const jwks = await send({ path: '/.well-known/jwks.json' });
    t.match(jwks.headers, {
      'cache-control': 'public, max-age=300',
      'content-type': /^application\/jwk-set\+json/,
    });
    t.notMatch(jwks.text, /"d"/);
    const keySet = createLocalJWKSet(JSON.parse(jwks.text));
    const headers = ['Authorization', `Bearer ${key}`];
    const tokens: string[] = [];
    for (const subgraph of ['content', 'identity']) {
      const { text } = await send({ path: `/fetch?subgraph=${subgraph}`, headers });
      t.notOk(text.includes(key));
      const sent = JSON.parse(text);
      t.same(Object.keys(sent).sort(), [
        'castellan-claims',
        'castellan-client-address',
        'castellan-request-id',
      ]);
      t.equal(sent['castellan-client-address'], '127.0.0.1');
      t.match(sent['castellan-request-id'], /./);
      const { payload } = await jwtVerify(sent['castellan-claims'], keySet, {
        audience: subgraph,
        issuer: DEFAULT_ISSUER,
        typ: CLAIMS_TYPE,
        currentDate: new Date(clock.now()),
      });
      t.match(payload, { sub: 'user_1', kind: 'key', cid: 'key_1', scope: 'read:all' });
      tokens.push(sent['castellan-claims']);
    }
    const again = JSON.parse((await send({ path: '/fetch?subgraph=content', headers })).text);
    t.equal(again['castellan-claims'], tokens[0], 'the next request takes the same claims');
    const anonymous = JSON.parse((await send({ path: '/fetch?subgraph=content' })).text);
    t.not(anonymous['castellan-claims'], tokens[0]);
    t.equal(identity.asked.length, 1, 'all with one look-up');
  },
);
