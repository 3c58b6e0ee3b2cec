import type { Permissions } from '#contract/permissions/grant.ts';
import { intersect } from '#contract/permissions/intersect.ts';
import { isWithin } from '#contract/permissions/is-within.ts';
import { type CustomScopes, isBuiltIn, splitPermissions } from '#contract/permissions/scope.ts';

/**
 * Whether `inner` allows nothing beyond `outer`, and never will: what a custom scope stands for may become more, so
 * that `outer` has to carry it by its name as well.
 */
export function isWithinByName(
  inner: Permissions,
  outer: Permissions,
  scopes: CustomScopes,
): boolean {
  return isWithin(inner, outer, scopes) && inner.scopes.every((scope) => isNamedIn(scope, [outer]));
}

/**
 * What is left of `inner` within `outer`, now and later: as scopes, and as grants beside these. A custom scope
 * that `outer` does not carry by name leaves what both allow now.
 */
export function narrowByName(
  inner: Permissions,
  outer: Permissions,
  scopes: CustomScopes,
): Permissions {
  const both = intersect(inner, outer, scopes);
  const kept = both.scopes.filter((scope) => isNamedIn(scope, [inner, outer]));
  return splitPermissions({ scopes: kept, grants: both.grants }, scopes);
}

function isNamedIn(scope: string, permissions: readonly Permissions[]): boolean {
  return isBuiltIn(scope) || permissions.every(({ scopes }) => scopes.includes(scope));
}
