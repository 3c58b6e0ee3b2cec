import { areaCovers, areaOf } from './area.ts';
import { compareTexts } from './conditions/literal.ts';
import type { Action, Grant } from './grant.ts';
import { grantCovers } from './grant-covers.ts';
import type { GrantLimits } from './limits.ts';
import { conditionOf, encodeGrant, makeGrant } from './make-grant.ts';

/** The same grants, sorted; those that differ only in their actions are made one. */
export function mergeGrants(grants: Iterable<Grant>): readonly Grant[] {
  const byRest = new Map<string, Grant[]>();
  for (const grant of grants) {
    const rest = JSON.stringify({ ...encodeGrant(grant), actions: [] });
    const alike = byRest.get(rest);
    if (alike === undefined) byRest.set(rest, [grant]);
    else alike.push(grant);
  }
  const sorted = [...byRest].toSorted(([a], [b]) => compareTexts(a, b));
  return Object.freeze(
    sorted.flatMap(([, [first, ...others]]) =>
      first === undefined
        ? []
        : withActions(
            first,
            [first, ...others].flatMap(({ actions }) => actions),
          ),
    ),
  );
}

/** Merged grants without what others of them allow anyway. */
export function reduceGrants(grants: Iterable<Grant>): readonly Grant[] {
  const left = mergeGrants(grants).map((grant) => ({
    grant,
    area: areaOf(grant),
    actions: new Set(grant.actions),
  }));
  for (const { grant, area, actions } of left) {
    for (const other of left) {
      if (other.grant === grant || !areaCovers(other.area, area)) continue;
      // What is left of the other stays, or goes to a grant that covers that one in turn.
      const shared = [...actions].filter((action) => other.actions.has(action));
      if (shared.length === 0 || !grantCovers(other.grant, grant)) continue;
      for (const action of shared) actions.delete(action);
    }
  }
  return Object.freeze(left.flatMap(({ grant, actions }) => withActions(grant, actions)));
}

/** The grant with these actions; nothing when there are none. */
export function withActions(grant: Grant, wanted: Iterable<Action>): readonly Grant[] {
  const actions = [...new Set(wanted)];
  if (actions.length === 0) return [];
  // A grant has no action twice.
  if (actions.length === grant.actions.length && Object.isFrozen(grant)) return [grant];
  return [
    makeGrant({
      actions,
      area: areaOf(grant),
      environments: grant.environments ?? null,
      stages: grant.stages ?? null,
      locales: grant.locales ?? null,
      where: conditionOf(grant),
    }),
  ];
}

/** What of a list of grants is beyond the limits; null when nothing is. */
export function whyTooMany(grants: readonly Grant[], limits: GrantLimits): string | null {
  if (grants.length > limits.grants) return `holds more than ${limits.grants} grants`;
  const bytes = Buffer.byteLength(JSON.stringify(grants.map(encodeGrant)));
  return bytes > limits.bytes ? `is larger than ${limits.bytes} bytes` : null;
}
