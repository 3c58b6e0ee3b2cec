import { createBatch, type KnownCaller } from '#subgraphs/kit/index.ts';
import { isKeySession } from '../actors/is-key-session.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { readLiveRights } from '../rights/live-rights.ts';
import type { Role } from '../rights/role.ts';
import {
  createOrganizationFinder,
  type FindOrganizations,
  type OrganizationRecord,
} from './organization-reader.ts';

/** An organization as a caller sees it, with what they are in it. */
export interface VisibleOrganization extends OrganizationRecord {
  readonly role: Role | null;
}

/**
 * The organizations that a caller may know of, oldest first: with a session those in which the person may do
 * anything, with a key, or a session that one opened, the one that it is for.
 */
export type SeeOrganizations = (caller: KnownCaller) => Promise<readonly VisibleOrganization[]>;

export function createOrganizationView(
  database: IdentityDatabase,
  findOrganizations: FindOrganizations,
): SeeOrganizations {
  const find = createOrganizationFinder(database);
  // However many entities one turn asks for, a key's organization is looked up once.
  const seenByKey = createBatch(async (keys: readonly string[]) => {
    const views = keys.map(async (key) => {
      const [subject, organization] = JSON.parse(key) as [string, string];
      const rights = await readLiveRights(database, subject, organization);
      const record = rights === null ? undefined : await find(organization);
      const view =
        rights === null || record === undefined ? [] : [{ ...record, role: rights.role }];
      return [key, view] as const;
    });
    return new Map<string, readonly VisibleOrganization[]>(await Promise.all(views));
  });
  return async (caller) => {
    const { kind, subject, organization } = caller;
    if (kind === 'session' && !(await isKeySession(database, caller))) {
      return (await findOrganizations(subject)).filter(({ isSuspended }) => !isSuspended);
    }
    if (organization === null) return [];
    return (await seenByKey(JSON.stringify([subject, organization]))) ?? [];
  };
}
