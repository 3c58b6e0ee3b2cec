import fc from 'fast-check';
import t from 'tap';
import type { Permissions } from '#contract/permissions/grant.ts';
import { intersect } from '#contract/permissions/intersect.ts';
import { isWithin } from '#contract/permissions/is-within.ts';
import { encodeGrants } from '#contract/permissions/make-grant.ts';
import { readCombinedGrants } from '#contract/permissions/read-grants.ts';
import { restrictToEnvironment } from '#contract/permissions/restrict-to-environment.ts';
import { allPermissions, noPermissions, permissionsOf } from '#contract/permissions/scope.ts';
import { grants, isLetIn, permissions, questions } from './support/random-permissions.ts';

const runs = { numRuns: 400 };
const textOf = ({ scopes, grants }: Permissions) => `${scopes} ${encodeGrants(grants)}`;
const sortedScopes = ({ scopes }: Permissions) => [...scopes].sort().join();

t.test(
  'permissions let in whom one of their grants lets in, though they keep fewer of them',
  async (t) => {
    let dropped = 0;
    fc.assert(
      fc.property(grants, questions, (given, all) => {
        const rights = permissionsOf([], undefined, given);
        if (rights.grants.length < given.length) dropped += 1;
        const each = given.map((grant) => ({ scopes: [], grants: [grant] }));
        return all.every(
          (question) =>
            isLetIn(rights, question) === each.some((alone) => isLetIn(alone, question)),
        );
      }),
      runs,
    );
    t.ok(dropped > 5, `${dropped} were smaller`);
  },
);

t.test('an intersection lets in whom both let in, and nobody else', async (t) => {
  let letIn = 0;
  fc.assert(
    fc.property(permissions, permissions, questions, (a, b, all) => {
      const both = intersect(a, b);
      return all.every((each) => {
        const expected = isLetIn(a, each) && isLetIn(b, each);
        letIn += Number(expected);
        return isLetIn(both, each) === expected;
      });
    }),
    runs,
  );
  t.ok(letIn > 50, `${letIn} were let in`);
});

t.test('an intersection is the same in either order, to the letter', async () => {
  fc.assert(
    fc.property(
      permissions,
      permissions,
      (a, b) => textOf(intersect(a, b)) === textOf(intersect(b, a)),
    ),
    runs,
  );
});

t.test('it does not matter which two of three are intersected first', async () => {
  fc.assert(
    fc.property(permissions, permissions, permissions, questions, (a, b, c, all) => {
      const left = intersect(intersect(a, b), c);
      const right = intersect(a, intersect(b, c));
      return (
        left.scopes.join() === right.scopes.join() &&
        all.every((each) => isLetIn(left, each) === isLetIn(right, each))
      );
    }),
    runs,
  );
});

t.test('an intersection with oneself, or with everything, changes nothing', async () => {
  fc.assert(
    fc.property(permissions, (a) => {
      const self = intersect(a, a);
      return (
        encodeGrants(self.grants) === encodeGrants(a.grants) &&
        sortedScopes(self) === sortedScopes(a) &&
        encodeGrants(intersect(a, allPermissions).grants) === encodeGrants(a.grants) &&
        intersect(a, noPermissions).grants.length === 0 &&
        intersect(a, noPermissions).scopes.length === 0
      );
    }),
    runs,
  );
});

t.test('an intersection is within both, and its grants can be carried', async () => {
  fc.assert(
    fc.property(permissions, permissions, (a, b) => {
      const both = intersect(a, b);
      const carried = readCombinedGrants(JSON.parse(encodeGrants(both.grants)));
      return (
        isWithin(both, a) &&
        isWithin(both, b) &&
        encodeGrants(carried) === encodeGrants(both.grants)
      );
    }),
    runs,
  );
});

t.test('what is within others lets in nobody whom they do not', async (t) => {
  let proofs = 0;
  fc.assert(
    fc.property(permissions, permissions, questions, (a, b, all) => {
      if (!isWithin(a, b)) return true;
      proofs += 1;
      return all.every((each) => !isLetIn(a, each) || isLetIn(b, each));
    }),
    { numRuns: 1_500 },
  );
  t.ok(proofs > 20, `${proofs} were within`);
});

t.test('everything is within itself and within everything; nothing is within all', async () => {
  fc.assert(
    fc.property(permissions, (a) => {
      const known = { ...a, scopes: a.scopes.filter((scope) => scope !== 'unknown') };
      return isWithin(a, a) && isWithin(known, allPermissions) && isWithin(noPermissions, a);
    }),
    runs,
  );
});

t.test('in one environment rights are what they were there, and never more', async () => {
  fc.assert(
    fc.property(permissions, questions, fc.constantFrom('production', 'staging'), (a, all, id) => {
      const there = restrictToEnvironment(a, { id, name: 'other' });
      const nowhere = restrictToEnvironment(a, null);
      return all.every((each) => {
        const inside = { ...each, request: { ...each.request, environment: id } };
        return (
          isLetIn(there, inside) === isLetIn(a, inside) &&
          (!isLetIn(there, each) || isLetIn(a, each)) &&
          (!isLetIn(nowhere, each) || isLetIn(a, each))
        );
      });
    }),
    runs,
  );
});

t.test('narrowing twice is narrowing once', async () => {
  fc.assert(
    fc.property(permissions, (a) => {
      const environment = { id: 'staging', name: 'Staging' };
      const once = restrictToEnvironment(a, environment);
      return textOf(restrictToEnvironment(once, environment)) === textOf(once);
    }),
    runs,
  );
});
