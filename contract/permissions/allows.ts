import { decide, type Target } from './decide.ts';
import type { Action, Permissions } from './grant.ts';

/**
 * Whether `permissions` allow `action` on all of `target`, whatever the environment. What no grant names is
 * denied, and so is what is allowed for some records, stages or locales alone: `decide` says which.
 */
export function allows(permissions: Permissions, action: Action, target: Target): boolean {
  return decide(permissions, { action, target }).outcome === 'allow';
}
