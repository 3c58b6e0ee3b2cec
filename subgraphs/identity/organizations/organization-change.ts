import type { Caller } from '#contract/caller.ts';
import { CodedError } from '#contract/errors.ts';
import { allows } from '#contract/permissions/allows.ts';
import type { Permissions } from '#contract/permissions/grant.ts';
import { type Change, type ChangeOrigin, type Changes, needsSession } from '../changes.ts';
import { readLiveRights } from '../rights/live-rights.ts';
import { isGoverning, type Role } from '../rights/role.ts';

/** A change of one organization, which nobody else changes until the transaction ends. */
export interface OrganizationChange extends Change {
  readonly organizationId: string;
  /** What the actor is in it now. */
  readonly role: Role;
  /** What the credential of the actor may do there now. */
  readonly permissions: Permissions;
}

export interface ChangeOfOrganization {
  readonly organizationId: string;
  /** What it takes: to own the organization, to govern it, or to belong to it. */
  readonly standing: 'own' | 'govern' | 'belong';
  /** Ids of subjects whose keys are changed as well. */
  readonly others?: readonly string[];
  /** The project, and the environment, that the change stays within: a key that is bound there may make it. */
  readonly projectId?: string | undefined;
  readonly environmentId?: string | undefined;
}

/**
 * Runs `work` as a change of an organization, for somebody who has the standing for it and may MANAGE. What takes no
 * more than to belong to it needs no MANAGE with a session.
 *
 * A session may change every organization of its person; a key, and a session that one opened, only its own.
 * @throws CodedError NOT_FOUND for an unknown organization as for a foreign one, FORBIDDEN, UNAUTHENTICATED
 */
export function changeOrganization<T>(
  changes: Changes,
  origin: ChangeOrigin,
  wanted: ChangeOfOrganization,
  work: (change: OrganizationChange) => Promise<T>,
): Promise<T> {
  const { organizationId, standing, others = [] } = wanted;
  return changes.run(
    origin,
    async (change) => {
      const { transaction, actor } = change;
      const { subject, organization } = actor.caller;
      const isSession = actor.isInPerson;
      if (!isSession && organization !== organizationId) throw new CodedError('NOT_FOUND');
      assertWithinBinding(actor.caller, wanted);
      const rights = await readLiveRights(transaction, subject, organizationId);
      if (rights === null) throw new CodedError('NOT_FOUND');
      const permissions = isSession ? rights.permissions : actor.permissions;
      const target = { subgraph: 'identity', type: 'Organization' };
      // Whatever an organization lets its roles do, a person can leave it.
      const isOwnAffair = isSession && standing === 'belong';
      if (!isOwnAffair && !allows(permissions, 'MANAGE', target)) throw new CodedError('FORBIDDEN');
      const { role } = rights;
      if (standing === 'own' && role !== 'owner') throw new CodedError('FORBIDDEN');
      if (standing === 'govern' && !isGoverning(role)) throw new CodedError('FORBIDDEN');
      return work({ ...change, organizationId, role, permissions });
    },
    [organizationId, ...others],
  );
}

/** A key that is bound to a project, or an environment, governs nothing outside of it, and sees nothing there. */
function assertWithinBinding(caller: Caller, { projectId, environmentId }: ChangeOfOrganization) {
  for (const [bound, wanted] of [
    [caller.project, projectId],
    [caller.environment, environmentId],
  ]) {
    if (bound === null || bound === wanted) continue;
    throw new CodedError(wanted === undefined ? 'FORBIDDEN' : 'NOT_FOUND');
  }
}

/**
 * For what only the person themselves may do, never a key of theirs: the origin of a change in person, which also
 * refuses a session that a key opened.
 */
export function requireSession(origin: ChangeOrigin): ChangeOrigin {
  const { caller } = origin;
  if (caller.kind === 'session') return { ...origin, inPerson: true };
  if (caller.subject === null) throw new CodedError('UNAUTHENTICATED');
  throw needsSession();
}
