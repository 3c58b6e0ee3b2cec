import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import t from 'tap';
import { anonymousCaller } from '#contract/caller.ts';
import { CLAIMS_HEADER, CLAIMS_TYPE, callerOfClaims } from '#contract/claims.ts';
import { encodeGrants } from '#contract/permissions/make-grant.ts';
import { readGrants } from '#contract/permissions/read-grants.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import { createSigningKey, readSigningKeys } from '#contract/signing-keys.ts';
import { ClaimsMinter } from '#plugins/auth/claims-minter.ts';
import { ManualClock } from './support/manual-clock.ts';
import { callerWith } from './support/memory-identity.ts';

function setUp() {
  const clock = new ManualClock();
  const keys = readSigningKeys(createSigningKey());
  const minter = new ClaimsMinter({ keys, issuer: 'the-fleet', clock, lifeSeconds: 30 });
  const keySet = createLocalJWKSet(structuredClone(keys.publicSet) as JSONWebKeySet);
  const verify = (token: string, audience: string) =>
    jwtVerify(token, keySet, {
      audience,
      issuer: 'the-fleet',
      typ: CLAIMS_TYPE,
      algorithms: ['EdDSA'],
      currentDate: new Date(clock.now()),
    });
  return { clock, minter, verify };
}

t.test('claims say who is calling, to one subgraph, for half a minute', async (t) => {
  const { clock, minter, verify } = setUp();
  const caller = callerWith({ organization: 'org_1', expiresAt: clock.now() + 3_600_000 });
  const { payload } = await verify(await minter.tokenFor(caller, 'content'), 'content');
  t.equal(payload.iat, clock.now() / 1_000);
  t.equal(payload.exp, clock.now() / 1_000 + 30);
  t.same(callerOfClaims(payload), caller);
});

t.test('claims for one subgraph are no claims for another', async (t) => {
  const { minter, verify } = setUp();
  const token = await minter.tokenFor(callerWith(), 'content');
  await t.rejects(verify(token, 'identity'), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' });
});

t.test('an anonymous caller gets claims that name nobody', async (t) => {
  const { minter, verify } = setUp();
  const { payload } = await verify(await minter.tokenFor(anonymousCaller, 'content'), 'content');
  t.match(payload, { kind: 'anonymous', scope: '' });
  t.equal(payload.sub, undefined);
});

t.test(
  'claims are minted once for concurrent fetches and are then there without a promise',
  async (t) => {
    const { minter } = setUp();
    const caller = callerWith();
    const first = Array.from({ length: 100 }, () => minter.tokenFor(caller, 'content'));
    t.equal(new Set(first).size, 1, 'one promise for all');
    const minted = await first[0];
    t.equal(minter.tokenFor(caller, 'content'), minted);
    t.not(
      await minter.tokenFor(caller, 'identity'),
      await first[0],
      'another subgraph, other claims',
    );
  },
);

t.test('claims are reused until half their life', async (t) => {
  const { clock, minter } = setUp();
  const caller = callerWith();
  const first = await minter.tokenFor(caller, 'content');
  clock.advance(14_999);
  t.equal(minter.tokenFor(caller, 'content'), first);
  clock.advance(1);
  t.not(await minter.tokenFor(caller, 'content'), first);
});

t.test('claims are minted anew when the wall clock was set back', async (t) => {
  const { clock, minter, verify } = setUp();
  const caller = callerWith();
  const first = await minter.tokenFor(caller, 'content');
  clock.setWall(clock.now() - 3_600_000);
  const second = await minter.tokenFor(caller, 'content');
  t.not(second, first);
  await verify(second, 'content');
});

t.test('claims never outlive the credential', async (t) => {
  const { clock, minter } = setUp();
  const caller = callerWith({ expiresAt: clock.now() + 10_000 });
  const first = await minter.tokenFor(caller, 'content');
  t.equal(decodeJwt(first).exp, clock.now() / 1_000 + 10);
  clock.advance(5_000);
  t.not(await minter.tokenFor(caller, 'content'), first, 'half of ten seconds');
  clock.advance(5_000);
  t.throws(() => minter.tokenFor(caller, 'content'), { code: 'UNAUTHENTICATED' });
});

t.test('each subgraph is told the grants that may concern it', async (t) => {
  const { minter, verify } = setUp();
  const written = ['Post', 'subgraph:content', 'subgraph:identity'].map((on) => ({
    actions: ['UPDATE'],
    on,
  }));
  const caller = callerWith({ permissions: permissionsOf([], undefined, readGrants(written)) });
  for (const subgraph of ['content', 'identity', 'reviews']) {
    const { payload } = await verify(await minter.tokenFor(caller, subgraph), subgraph);
    t.strictSame(
      payload.grants,
      written.filter(({ on }) => on === 'Post' || on === `subgraph:${subgraph}`),
      subgraph,
    );
  }
});

t.test('the largest grants that may be written fit into a header of 8 KiB', async (t) => {
  const { minter, verify } = setUp();
  let written: object[] = [];
  const isAccepted = (grants: object[]) => {
    try {
      return readGrants(grants).length > 0;
    } catch {
      return false;
    }
  };
  const next = () => [
    ...written,
    { actions: ['READ'], on: 'Post', where: { title: `🏰${written.length}` } },
  ];
  while (isAccepted(next())) written = next();
  const grants = readGrants(written);
  t.ok(Buffer.byteLength(encodeGrants(grants)) > 4_900, 'the bound is reached');
  const id = 'x'.repeat(40);
  const caller = callerWith({
    subject: id,
    organization: id,
    project: id,
    environment: id,
    credentialId: id,
    expiresAt: Date.parse('2100-01-01'),
    permissions: permissionsOf(['read:own', 'app:access'], undefined, grants),
  });
  const token = await minter.tokenFor(caller, 's'.repeat(64));
  t.ok(`${CLAIMS_HEADER}: ${token}\r\n`.length < 8_192, `${token.length} characters`);
  const { payload } = await verify(token, 's'.repeat(64));
  t.strictSame(callerOfClaims(payload)?.permissions, caller.permissions);
});

t.test('grants that do not fit are not cut short: no claims are minted', async (t) => {
  const { minter } = setUp();
  const half = (prefix: string) =>
    readGrants(
      Array.from({ length: 100 }, (_, n) => ({ actions: ['READ'], on: `${prefix}${n}.title` })),
    );
  const both = [...half('Post'), ...half('Page')];
  const caller = callerWith({ permissions: permissionsOf([], undefined, both) });
  for (const attempt of ['first', 'second']) {
    await t.rejects(
      Promise.resolve(minter.tokenFor(caller, 'content')),
      { code: 'PERMISSIONS_TOO_COMPLEX', statusCode: 403 },
      attempt,
    );
  }
});
