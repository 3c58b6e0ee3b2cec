import type { Permissions } from './grant.ts';
import { type CustomScopes, grantsOf, holdsAll } from './scope.ts';

/**
 * Whether `inner` allows nothing beyond `outer`: for a key that another key makes, and for rights that somebody
 * with bounded rights hands out.
 *
 * Sound and not complete: true is a proof. It looks for one grant of `outer` that covers each of `inner` for an
 * action, so that rights which only several grants together cover are refused. A scope's name counts as what it
 * stands for; one of which that is not known has to be in `outer` by name.
 */
export function isWithin(
  inner: Permissions,
  outer: Permissions,
  customScopes?: CustomScopes,
): boolean {
  return (
    holdsAll(outer.grants, inner.grants) &&
    inner.scopes.every((scope) => {
      const meant = grantsOf(scope, customScopes) ?? [];
      return meant.length === 0 ? outer.scopes.includes(scope) : holdsAll(outer.grants, meant);
    })
  );
}
