import fc from 'fast-check';
import t from 'tap';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { callerOfClaims, claimsOfCaller } from '#contract/claims.ts';
import { decodeResolution, encodeResolution } from '#contract/introspection.ts';
import type { Permissions } from '#contract/permissions/grant.ts';
import { encodeGrants } from '#contract/permissions/make-grant.ts';
import { readGrants } from '#contract/permissions/read-grants.ts';
import { allPermissions, permissionsOf } from '#contract/permissions/scope.ts';
import { isLetIn, permissions, questions } from './permissions/support/random-permissions.ts';

const callerWith = (rights: Permissions): Caller =>
  Object.freeze({
    ...anonymousCaller,
    kind: 'key',
    subject: 'user_1',
    credentialId: 'key_1',
    permissions: rights,
  });
const overTheWire = (value: object) => JSON.parse(JSON.stringify(value));

t.test('claims carry the scopes, and the grants that these do not stand for', async (t) => {
  const rights = permissionsOf(
    ['read:all'],
    undefined,
    readGrants([
      { actions: ['READ', 'UPDATE'], on: 'Post', where: { author: 'user_1' } },
      { actions: ['CREATE'], on: 'subgraph:content' },
      { actions: ['CREATE'], on: 'subgraph:identity' },
      { actions: ['DELETE'], on: 'Post', within: 'identity' },
    ]),
  );
  t.strictSame(overTheWire(claimsOfCaller(callerWith(rights), 'content')), {
    kind: 'key',
    scope: 'read:all',
    grants: [
      { actions: ['UPDATE'], on: 'Post', where: { author: 'user_1' } },
      { actions: ['CREATE'], on: 'subgraph:content' },
    ],
    sub: 'user_1',
    cid: 'key_1',
  });
  t.equal(claimsOfCaller(callerWith(allPermissions), 'content').grants, undefined);
  t.equal(claimsOfCaller(anonymousCaller).grants, undefined);
});

t.test('a scope is not named without its grants: the name would stand for them', async (t) => {
  const forged = {
    scopes: ['admin', 'read:all', 'app:access'],
    grants: permissionsOf(['read:all']).grants,
  };
  t.equal(claimsOfCaller(callerWith(forged)).scope, 'read:all app:access');
});

t.test('a team’s own scope goes by name, with its grants', async (t) => {
  const editor = permissionsOf(
    ['editor'],
    new Map([['editor', readGrants([{ actions: ['UPDATE'], on: 'Post' }])]]),
  );
  const caller = callerOfClaims(overTheWire(claimsOfCaller(callerWith(editor), 'content')));
  t.strictSame(caller?.permissions, editor);
});

t.test('a subgraph decides by its claims as it would by the caller’s permissions', async () => {
  fc.assert(
    fc.property(
      permissions,
      questions,
      fc.constantFrom('content', 'cms'),
      (rights, all, subgraph) => {
        const caller = callerOfClaims(overTheWire(claimsOfCaller(callerWith(rights), subgraph)));
        return all.every(({ request, facts }) => {
          const inside = {
            request: { ...request, target: { ...request.target, subgraph } },
            facts,
          };
          return caller !== null && isLetIn(caller.permissions, inside) === isLetIn(rights, inside);
        });
      },
    ),
    { numRuns: 300 },
  );
});

t.test('introspection carries every grant', async () => {
  fc.assert(
    fc.property(permissions, (rights) => {
      const caller = callerWith(rights);
      const wire = overTheWire(encodeResolution({ active: true, caller, asOfSequence: 7 }));
      const resolution = decodeResolution(wire);
      if (!resolution?.active) return false;
      const { scopes, grants } = resolution.caller.permissions;
      return (
        scopes.join() === rights.scopes.join() &&
        encodeGrants(grants) === encodeGrants(rights.grants)
      );
    }),
    { numRuns: 300 },
  );
});

const grant = { actions: ['READ'], on: 'Post' };
const malformed: readonly unknown[] = [
  null,
  {},
  'READ',
  [null],
  [{ ...grant, actions: ['EVERYTHING'] }],
  [{ ...grant, on: 'a b' }],
  [{ ...grant, stages: 'PUBLISHED' }],
  [{ ...grant, stage: ['PUBLISHED'] }],
  [{ ...grant, where: { id: {} } }],
  [grant, { ...grant, where: 'id = 1' }],
  Array.from({ length: 251 }, () => grant),
];
for (const grants of malformed) {
  t.test(`${JSON.stringify(grants).slice(0, 60)} in claims makes them nobody’s`, async (t) => {
    const claims = { ...claimsOfCaller(callerWith(permissionsOf(['read:all']))), grants };
    t.equal(callerOfClaims(claims), null);
    const { cid: _cid, ...rest } = claims;
    t.equal(decodeResolution({ ...rest, active: true, sequence: 1 }), null);
  });
}

t.test('a malformed scope in claims makes them nobody’s', async (t) => {
  const claims = claimsOfCaller(callerWith(permissionsOf(['read:all'])));
  for (const scope of [undefined, ['read:all'], 'read:all  admin', 'read:all\tadmin', ' ']) {
    t.equal(callerOfClaims({ ...claims, scope }), null, JSON.stringify(scope));
  }
});

t.test('the default stage of an environment goes with it', async (t) => {
  const caller = {
    ...callerWith(permissionsOf([])),
    organization: 'org_1',
    project: 'project_1',
    environment: 'environment_1',
    defaultStage: 'DRAFT',
  };
  const claims = overTheWire(claimsOfCaller(caller, 'content'));
  t.match(claims, { env: 'environment_1', stage: 'DRAFT' });
  t.equal(callerOfClaims(claims)?.defaultStage, 'DRAFT');
  t.equal(callerOfClaims({ ...claims, stage: 7 }), null);
  t.notOk('stage' in claimsOfCaller(callerWith(permissionsOf([]))));
  const resolution = { active: true, caller, asOfSequence: 3 } as const;
  t.match(decodeResolution(overTheWire(encodeResolution(resolution))), {
    caller: { defaultStage: 'DRAFT' },
  });
});

t.test('a credential that is elsewhere stays nobody’s over the wire', async (t) => {
  const elsewhere = { kind: 'elsewhere', addresses: ['192.0.2.0/24'] } as const;
  for (const each of [{ kind: 'elsewhere' } as const, elsewhere]) {
    const resolution = { active: false, asOfSequence: 3, elsewhere: each } as const;
    const body = overTheWire(encodeResolution(resolution));
    t.equal(body.active, false, 'also to whoever knows nothing of environments');
    t.same(decodeResolution(body), resolution);
  }
  const body = { active: false, sequence: 3, elsewhere: true };
  t.equal(decodeResolution({ ...body, addresses: '192.0.2.0/24' }), null, 'no restriction is lost');
  t.same(decodeResolution({ ...body, elsewhere: 'yes' }), { active: false, asOfSequence: 3 });
});
