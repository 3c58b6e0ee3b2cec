import type { Permissions } from '#contract/permissions/grant.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { personalIds } from '../organizations/personal-organization.ts';
import { readLiveRights } from '../rights/live-rights.ts';
import type { LiveSession } from './live-session.ts';

export interface SessionPlace {
  readonly organization: string;
  readonly permissions: Permissions;
}

/**
 * In whose name a session speaks: the organization that it was switched to, while its person may do anything there,
 * else the personal one, but never another one than that of the key that opened it; null when they may do nothing
 * there.
 */
export async function findSessionPlace(
  database: IdentityDatabase,
  { userId, activeOrganizationId, isOfKey }: LiveSession,
): Promise<SessionPlace | null> {
  const personal = isOfKey ? [] : [personalIds(userId).organization];
  for (const organization of [activeOrganizationId, ...personal]) {
    const rights = await readLiveRights(database, userId, organization);
    if (organization !== null && rights !== null) {
      return { organization, permissions: rights.permissions };
    }
  }
  return null;
}
