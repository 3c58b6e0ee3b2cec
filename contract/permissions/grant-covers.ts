import { areaCovers, areaOf } from './area.ts';
import { implies } from './conditions/implies.ts';
import type { Grant } from './grant.ts';
import { conditionOf } from './make-grant.ts';

/**
 * Whether, whatever the action, everything that `inner` is on `outer` is on as well.
 * Sound and not complete, as `implies` is.
 */
export function grantCovers(outer: Grant, inner: Grant): boolean {
  return (
    areaCovers(areaOf(outer), areaOf(inner)) &&
    listCovers(outer.environments, inner.environments) &&
    listCovers(outer.stages, inner.stages) &&
    listCovers(outer.locales, inner.locales) &&
    (outer.where === undefined || implies(conditionOf(inner), outer.where))
  );
}

function listCovers(
  outer: readonly string[] | undefined,
  inner: readonly string[] | undefined,
): boolean {
  if (outer === undefined) return true;
  return inner?.every((item) => outer.includes(item)) ?? false;
}
