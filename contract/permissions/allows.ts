import type { Action, Permissions } from './grant.ts';

/** The part of the graph that somebody wants to touch. */
export interface Target {
  readonly subgraph?: string;
  readonly type: string;
  readonly field?: string;
}

/** Whether `permissions` allow `action` on `target`. What no grant names is denied. */
export function allows(permissions: Permissions, action: Action, target: Target): boolean {
  return permissions.grants.some(
    (grant) => grant.actions.includes(action) && covers(grant.on, target),
  );
}

function covers(on: string, target: Target): boolean {
  if (on === '*' || on === target.type) return true;
  if (target.field !== undefined && on === `${target.type}.${target.field}`) return true;
  return target.subgraph !== undefined && on === `subgraph:${target.subgraph}`;
}
