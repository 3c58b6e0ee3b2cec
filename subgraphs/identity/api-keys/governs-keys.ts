import type { Caller } from '#contract/caller.ts';
import { allows } from '#contract/permissions/allows.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { readLiveRights } from '../rights/live-rights.ts';
import { isGoverning } from '../rights/role.ts';

/** What a grant on keys is on. */
export const KEYS = { subgraph: 'identity', type: 'APIKey' } as const;

/** Whoever governs an organization, and shows a credential that may manage all of it, reads all of its keys. */
export async function governsKeys(database: IdentityDatabase, caller: Caller): Promise<boolean> {
  const { subject, organization, project, environment, permissions } = caller;
  if (subject === null || project !== null || environment !== null) return false;
  if (!allows(permissions, 'MANAGE', KEYS)) return false;
  const rights = await readLiveRights(database, subject, organization);
  return isGoverning(rights?.role ?? null);
}
