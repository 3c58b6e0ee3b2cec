import { createHmac } from 'node:crypto';
import Fastify from 'fastify';
import t from 'tap';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { CLAIMS_TYPE } from '#contract/claims.ts';
import { readGrants } from '#contract/permissions/read-grants.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import { createClaimsVerifier } from '#subgraphs/kit/index.ts';
import { createClaimsIssuer, type Twist } from '../support/claims-issuer.ts';
import { createTestClock } from '../support/test-clock.ts';

const caller: Caller = {
  ...anonymousCaller,
  kind: 'key',
  subject: 'user_1',
  organization: 'org_1',
  credentialId: 'key_1',
  permissions: permissionsOf(['read:all']),
};

const issuer = await createClaimsIssuer();

function verifierAt(now: number, memoSize?: number) {
  const clock = createTestClock(now);
  return {
    clock,
    verifier: createClaimsVerifier({ audience: 'content', keys: issuer.keys, clock, memoSize }),
  };
}

const NOW = Date.parse('2030-01-01T00:00:00Z');

t.test('valid claims are the caller that they speak of', async (t) => {
  const { verifier, clock } = verifierAt(NOW);
  const verified = await verifier.verify(await issuer.mint(caller, 'content', clock.now()));
  t.strictSame(verified, caller);
  t.ok(Object.isFrozen(verified));
});

t.test('a caller has the grants of valid claims, conditions included', async (t) => {
  const { verifier } = verifierAt(NOW);
  const grants = readGrants([
    { actions: ['UPDATE'], on: 'Post', stages: ['DRAFT'], where: { author: 'user_1' } },
    { actions: ['CREATE'], on: 'subgraph:content' },
  ]);
  const editor = { ...caller, permissions: permissionsOf(['read:all'], undefined, grants) };
  const verified = await verifier.verify(await issuer.mint(editor, 'content', NOW));
  t.strictSame(verified, editor);
});

t.test('an anonymous caller has valid claims too', async (t) => {
  const { verifier } = verifierAt(NOW);
  const token = await issuer.mint(anonymousCaller, 'content', NOW);
  t.equal((await verifier.verify(token)).kind, 'anonymous');
});

const seconds = NOW / 1000;
const twists: Record<string, Twist> = {
  'another audience': { audience: 'identity' },
  'two audiences': { audience: ['content', 'identity'] },
  'a list of one audience': { audience: ['content'] },
  'another issuer': { issuer: 'somebody' },
  'another type': { typ: 'JWT' },
  'a key that is not published': { kid: 'two' },
  'a life that is over': { issuedAt: seconds - 36 },
  'a life longer than a gateway gives': { lifeSeconds: 31 },
  'a beginning in the future': { issuedAt: seconds + 6 },
  'a credential that has expired': { claims: { cexp: seconds } },
  'no kind of caller': { claims: { kind: 'root' } },
  'a known caller without a name': { claims: { sub: '' } },
  'grants that are no list': { claims: { grants: { actions: ['READ'], on: '*' } } },
  'a grant of an unknown action': { claims: { grants: [{ actions: ['ROOT'], on: '*' }] } },
  'a grant with a restriction that is misspelt': {
    claims: { grants: [{ actions: ['READ'], on: 'Post', stage: ['PUBLISHED'] }] },
  },
  'a grant with a condition that cannot be read': {
    claims: { grants: [{ actions: ['READ'], on: 'Post', where: { author: { id: '1' } } }] },
  },
  'a scope that is none': { claims: { scope: 'read:all  admin' } },
};
for (const [what, twist] of Object.entries(twists)) {
  t.test(`claims with ${what} are refused`, async (t) => {
    const { verifier } = verifierAt(NOW);
    const token = await issuer.mint(caller, 'content', NOW, twist);
    await t.rejects(verifier.verify(token), { code: 'UNAUTHENTICATED' });
  });
}

t.test('claims within the leeway of clocks that differ are accepted', async (t) => {
  const { verifier } = verifierAt(NOW);
  for (const issuedAt of [seconds - 34, seconds + 5]) {
    await t.resolves(verifier.verify(await issuer.mint(caller, 'content', NOW, { issuedAt })));
  }
});

t.test('claims that another key signed are refused', async (t) => {
  const { verifier } = verifierAt(NOW);
  const forger = await createClaimsIssuer('one');
  const token = await forger.mint(caller, 'content', NOW);
  await t.rejects(verifier.verify(token), { code: 'UNAUTHENTICATED' });
});

t.test('claims without a signature, or with one of the wrong kind, are refused', async (t) => {
  const { verifier } = verifierAt(NOW);
  const good = await issuer.mint(caller, 'content', NOW);
  const [head = '', payload = '', signature = ''] = good.split('.');
  const none = encode({ alg: 'none', typ: CLAIMS_TYPE, kid: 'one' });
  const symmetric = encode({ alg: 'HS256', typ: CLAIMS_TYPE, kid: 'one' });
  const publicKey = JSON.stringify(issuer.keys.keys[0]);
  const confused = [publicKey, issuer.keys.keys[0]?.x ?? ''].map((secret) => {
    const mac = createHmac('sha256', secret).update(`${symmetric}.${payload}`).digest('base64url');
    return `${symmetric}.${payload}.${mac}`;
  });
  const altered = encode({
    ...JSON.parse(Buffer.from(payload, 'base64url').toString()),
    scope: 'read:all write:all admin',
  });
  const widened = encode({
    ...JSON.parse(Buffer.from(payload, 'base64url').toString()),
    grants: [{ actions: ['MANAGE'], on: '*' }],
  });
  const bad = [
    `${none}.${payload}.`,
    `${none}.${payload}.${signature}`,
    ...confused,
    `${head}.${altered}.${signature}`,
    `${head}.${widened}.${signature}`,
    `${head}.${payload}`,
    good.slice(0, -4),
    'garbage',
    '',
    'x'.repeat(100_000),
    undefined,
  ];
  for (const token of bad) {
    await t.rejects(verifier.verify(token), { code: 'UNAUTHENTICATED' }, `${token}`.slice(0, 60));
  }
});

t.test('a token that was verified once is refused when its time is over', async (t) => {
  const { verifier, clock } = verifierAt(NOW);
  const token = await issuer.mint(caller, 'content', NOW);
  await verifier.verify(token);
  clock.advance(34_999);
  await t.resolves(verifier.verify(token));
  clock.advance(1);
  await t.rejects(verifier.verify(token), { code: 'UNAUTHENTICATED' });
});

t.test('a token that was verified once is refused when its credential ends', async (t) => {
  const { verifier, clock } = verifierAt(NOW);
  const token = await issuer.mint({ ...caller, expiresAt: NOW + 10_000 }, 'content', NOW);
  await verifier.verify(token);
  clock.advance(9_999);
  await t.resolves(verifier.verify(token));
  clock.advance(1);
  await t.rejects(verifier.verify(token), { code: 'UNAUTHENTICATED' });
});

t.test('a verified token is remembered, and as many of them as was said', async (t) => {
  const { verifier } = verifierAt(NOW, 1);
  const tokens = [
    await issuer.mint(caller, 'content', NOW),
    await issuer.mint(anonymousCaller, 'content', NOW),
  ] as const;
  const first = await verifier.verify(tokens[0]);
  t.equal(await verifier.verify(tokens[0]), first, 'the same object');
  await verifier.verify(tokens[1]);
  t.not(await verifier.verify(tokens[0]), first, 'the older one was forgotten');
});

t.test('keys are fetched from where the gateway publishes them', async (t) => {
  let fetches = 0;
  const publisher = Fastify();
  publisher.get('/.well-known/jwks.json', async () => {
    fetches += 1;
    return issuer.keys;
  });
  t.teardown(() => publisher.close());
  const keys = new URL(
    '/.well-known/jwks.json',
    await publisher.listen({ host: '127.0.0.1', port: 0 }),
  );
  const verifier = createClaimsVerifier({ audience: 'content', keys });
  const tokens = [caller, anonymousCaller].map((each) => issuer.mint(each, 'content', Date.now()));
  for (const token of tokens) await t.resolves(verifier.verify(await token));
  t.equal(fetches, 1);
  const unknown = await issuer.mint(caller, 'content', Date.now(), { kid: 'two' });
  await t.rejects(verifier.verify(unknown), { code: 'UNAUTHENTICATED' });
  await t.rejects(verifier.verify(unknown), { code: 'UNAUTHENTICATED' });
  t.equal(fetches, 1, 'tokens of unknown keys do not make it ask again and again');
});

t.test('keys that cannot be fetched are an outage and nobody’s fault', async (t) => {
  const publisher = Fastify();
  publisher.get('/broken', async () => 'no key set');
  const base = await publisher.listen({ host: '127.0.0.1', port: 0 });
  const token = await issuer.mint(caller, 'content', Date.now());
  for (const path of ['/missing', '/broken']) {
    const verifier = createClaimsVerifier({ audience: 'content', keys: new URL(path, base) });
    await t.rejects(verifier.verify(token), { code: 'CLAIMS_KEYS_UNAVAILABLE', statusCode: 503 });
  }
  await publisher.close();
  const verifier = createClaimsVerifier({ audience: 'content', keys: new URL('/gone', base) });
  await t.rejects(verifier.verify(token), { code: 'CLAIMS_KEYS_UNAVAILABLE', statusCode: 503 });
});

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
