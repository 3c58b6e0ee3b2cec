import { areaOf, intersectAreas } from './area.ts';
import { isNever, measure } from './conditions/condition.ts';
import { compareTexts } from './conditions/literal.ts';
import { simplify } from './conditions/simplify-condition.ts';
import type { Grant, Permissions } from './grant.ts';
import { grantCovers } from './grant-covers.ts';
import { combinedLimits } from './limits.ts';
import { conditionOf, makeGrant } from './make-grant.ts';
import { mergeGrants, reduceGrants, whyTooMany, withActions } from './normalize-grants.ts';
import { builtInScopes, type CustomScopes, grantsOf, holdsAll, isBuiltIn } from './scope.ts';
import { tooComplex } from './too-complex.ts';

/**
 * What both allow: the rights of a key that its owner has too, say. It never allows more than either, and it is
 * the same in either order.
 *
 * A scope is kept by name when all that it stands for is kept. One of which that is not known (it is in neither
 * `customScopes` nor built in) has to be in both.
 *
 * Grants that one side covers as they are cost nothing; the others are combined with each other.
 * @throws CodedError PERMISSIONS_TOO_COMPLEX when these come to more than 250 grants or 32 KiB. Nothing is ever
 * left out to fit: whoever cannot be told their rights has none.
 */
export function intersect(
  a: Permissions,
  b: Permissions,
  customScopes?: CustomScopes,
): Permissions {
  const [wholeA, restA] = split(a.grants, b.grants);
  const [wholeB, restB] = split(b.grants, a.grants);
  const grants = reduceGrants([...wholeA, ...wholeB, ...combine(restA, restB)]);
  if (whyTooMany(grants, combinedLimits) !== null) throw tooComplex();
  const scopes = new Set([...a.scopes, ...b.scopes]);
  const kept = [...scopes].filter((scope) => {
    const meant = grantsOf(scope, customScopes) ?? [];
    if (meant.length === 0) return a.scopes.includes(scope) && b.scopes.includes(scope);
    return holdsAll(a.grants, meant) && holdsAll(b.grants, meant);
  });
  return Object.freeze({ scopes: Object.freeze(kept.sort(byPlaceAndName)), grants });
}

/** The grants that `others` cover as they are, and those that they do not, action by action. */
function split(grants: readonly Grant[], others: readonly Grant[]): [Grant[], Grant[]] {
  const whole: Grant[] = [];
  const rest: Grant[] = [];
  for (const grant of grants) {
    const covering = others.filter((other) => grantCovers(other, grant));
    const covered = new Set(covering.flatMap(({ actions }) => actions));
    whole.push(
      ...withActions(
        grant,
        grant.actions.filter((action) => covered.has(action)),
      ),
    );
    rest.push(
      ...withActions(
        grant,
        grant.actions.filter((action) => !covered.has(action)),
      ),
    );
  }
  return [whole, rest];
}

function combine(a: readonly Grant[], b: readonly Grant[]): readonly Grant[] {
  const pairs: Grant[] = [];
  for (const one of a) {
    for (const other of b) {
      const grant = intersectGrants(one, other);
      if (grant === null) continue;
      pairs.push(grant);
      // Doubles are few: what one side has twice was made one before.
      if (pairs.length > 4 * combinedLimits.grants) throw tooComplex();
    }
  }
  const merged = mergeGrants(pairs);
  if (merged.length > combinedLimits.grants) throw tooComplex();
  return merged;
}

function intersectGrants(a: Grant, b: Grant): Grant | null {
  const actions = a.actions.filter((action) => b.actions.includes(action));
  const area = actions.length === 0 ? null : intersectAreas(areaOf(a), areaOf(b));
  if (area === null) return null;
  const environments = intersectLists(a.environments, b.environments);
  const stages = intersectLists(a.stages, b.stages);
  const locales = intersectLists(a.locales, b.locales);
  if ([environments, stages, locales].some((list) => list?.length === 0)) return null;
  const where = simplify({ kind: 'and', conditions: [conditionOf(a), conditionOf(b)] });
  if (isNever(where)) return null;
  const { depth, comparisons } = measure(where);
  if (depth > combinedLimits.conditionDepth) throw tooComplex();
  if (comparisons > combinedLimits.conditionComparisons) throw tooComplex();
  return makeGrant({ actions, area, environments, stages, locales, where });
}

function intersectLists(
  a: readonly string[] | undefined,
  b: readonly string[] | undefined,
): readonly string[] | null {
  if (a === undefined || b === undefined) return a ?? b ?? null;
  return a.filter((item) => b.includes(item));
}

/** The built-in ones first, as they are listed, then by name: the same in whatever order they came. */
function byPlaceAndName(a: string, b: string): number {
  const [placeA, placeB] = [placeOfScope(a), placeOfScope(b)];
  return placeA === placeB ? compareTexts(a, b) : placeA - placeB;
}

function placeOfScope(scope: string): number {
  return isBuiltIn(scope) ? builtInScopes.indexOf(scope) : builtInScopes.length;
}
