import { CodedError } from '#contract/errors.ts';
import type { ChangeOrigin, Changes } from '../changes.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import {
  changeOrganization,
  type OrganizationChange,
} from '../organizations/organization-change.ts';

export interface ProjectParts {
  readonly database: IdentityDatabase;
  readonly changes: Changes;
}

/** What is changed: a project, or within it one of its environments. */
export interface ChangeOfProject {
  readonly projectId: string;
  readonly environmentId?: string;
}

/**
 * Runs `work` as a change of a project, for whoever governs its organization.
 * @throws CodedError NOT_FOUND for an unknown project as for a foreign one, FORBIDDEN, UNAUTHENTICATED
 */
export async function changeProject<T>(
  { database, changes }: ProjectParts,
  origin: ChangeOrigin,
  { projectId, environmentId }: ChangeOfProject,
  work: (change: OrganizationChange) => Promise<T>,
): Promise<T> {
  // It never moves to another organization.
  const place = await database
    .selectFrom('project')
    .select('organization_id')
    .where('id', '=', projectId)
    .executeTakeFirst();
  if (place === undefined) throw new CodedError('NOT_FOUND');
  const { organization_id: organizationId } = place;
  const wanted = { organizationId, standing: 'govern', projectId, environmentId } as const;
  return changeOrganization(changes, origin, wanted, async (change) => {
    const row = await change.transaction
      .selectFrom('project')
      .select('id')
      .where('id', '=', projectId)
      .executeTakeFirst();
    if (row === undefined) throw new CodedError('NOT_FOUND');
    return work(change);
  });
}
