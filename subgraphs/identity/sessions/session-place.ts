import type { Permissions } from '#contract/permissions/grant.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { personalIds } from '../organizations/personal-organization.ts';
import { readLiveRights } from '../rights/live-rights.ts';

export interface SessionPlace {
  readonly organization: string;
  readonly permissions: Permissions;
}

/**
 * In whose name a session speaks: the organization that it was switched to, while its person may do anything there,
 * else the personal one; null when they may do nothing anywhere.
 */
export async function findSessionPlace(
  database: IdentityDatabase,
  userId: string,
  active: string | null,
): Promise<SessionPlace | null> {
  for (const organization of [active, personalIds(userId).organization]) {
    const rights = await readLiveRights(database, userId, organization);
    if (organization !== null && rights !== null) {
      return { organization, permissions: rights.permissions };
    }
  }
  return null;
}
