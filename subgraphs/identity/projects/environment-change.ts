import { CodedError } from '#contract/errors.ts';
import type { ChangeOrigin } from '../changes.ts';
import type { OrganizationChange } from '../organizations/organization-change.ts';
import { changeProject, type ProjectParts } from './project-change.ts';
import { type EnvironmentRecord, environmentColumns, environmentOf } from './project-record.ts';

/**
 * Runs `work` as a change of an environment, for whoever governs its organization.
 * @throws CodedError NOT_FOUND for an unknown environment as for a foreign one, FORBIDDEN, UNAUTHENTICATED
 */
export async function changeEnvironment<T>(
  parts: ProjectParts,
  origin: ChangeOrigin,
  id: string,
  work: (change: OrganizationChange, before: EnvironmentRecord) => Promise<T>,
): Promise<T> {
  // It never moves to another project.
  const place = await parts.database
    .selectFrom('environment')
    .select('project_id')
    .where('id', '=', id)
    .executeTakeFirst();
  if (place === undefined) throw new CodedError('NOT_FOUND');
  const wanted = { projectId: place.project_id, environmentId: id };
  return changeProject(parts, origin, wanted, async (change) => {
    const row = await change.transaction
      .selectFrom('environment')
      .select(environmentColumns)
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw new CodedError('NOT_FOUND');
    return work(change, environmentOf(row));
  });
}
