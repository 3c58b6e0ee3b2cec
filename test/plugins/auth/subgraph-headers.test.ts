import { createLocalJWKSet, jwtVerify } from 'jose';
import t from 'tap';
import { createApiKey } from '#contract/api-key.ts';
import { CLAIMS_TYPE, DEFAULT_ISSUER } from '#contract/claims.ts';
import { decide } from '#contract/permissions/decide.ts';
import { readGrants } from '#contract/permissions/read-grants.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import { createClaimsVerifier } from '#subgraphs/kit/index.ts';
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

t.test('a subgraph decides by the grants of the key, which no scope expresses', async (t) => {
  const identity = new MemoryIdentity();
  const clock = new ManualClock();
  const key = createApiKey('live');
  const grants = readGrants([
    { actions: ['READ'], on: 'Post', where: { author: 'user_1' } },
    { actions: ['UPDATE'], on: 'subgraph:content' },
  ]);
  identity.add(key, { permissions: permissionsOf(['app:access'], undefined, grants) });
  const { send } = await startAuthApp(t, { identity, clock });
  const keys = JSON.parse((await send({ path: '/.well-known/jwks.json' })).text);
  const outcomes: Record<string, string[]> = {};
  for (const subgraph of ['content', 'reviews']) {
    const headers = ['Authorization', `Bearer ${key}`];
    const sent = JSON.parse((await send({ path: `/fetch?subgraph=${subgraph}`, headers })).text);
    const verifier = createClaimsVerifier({ audience: subgraph, keys, clock });
    const { permissions } = await verifier.verify(sent['castellan-claims']);
    t.strictSame(permissions.scopes, ['app:access']);
    const target = { subgraph, type: 'Post' };
    outcomes[subgraph] = (['READ', 'UPDATE', 'DELETE'] as const).map(
      (action) => decide(permissions, { action, target }).outcome,
    );
  }
  t.strictSame(outcomes, {
    content: ['conditional', 'allow', 'deny'],
    reviews: ['conditional', 'deny', 'deny'],
  });
});

t.test('a subgraph is not asked when it cannot be told all that it has to know', async (t) => {
  const identity = new MemoryIdentity();
  const key = createApiKey('live');
  const half = (name: string) =>
    readGrants(
      Array.from({ length: 100 }, (_, n) => ({ actions: ['READ'], on: `${name}${n}.title` })),
    );
  const permissions = permissionsOf(['admin'], undefined, [...half('Post'), ...half('Page')]);
  identity.add(key, { permissions });
  const { send } = await startAuthApp(t, { identity });
  const headers = ['Authorization', `Bearer ${key}`];
  const { status, text } = await send({ path: '/fetch?subgraph=content', headers });
  t.equal(status, 403);
  t.match(text, /PERMISSIONS_TOO_COMPLEX|too many/);
  t.notOk(text.includes('castellan-claims'));
});
