import type { IdentityDatabase } from '../database/tables.ts';
import type { Bindings } from './bindings.ts';

type Places = Pick<Bindings, 'projectIds' | 'environmentIds'>;

/**
 * What is left of the projects and environments that a key of an organization is bound to; an empty list where all
 * of them are gone. Of a key that is bound to none nothing is asked.
 */
export async function liveBindings(
  database: IdentityDatabase,
  organization: string | null,
  { projectIds, environmentIds }: Places,
): Promise<Places> {
  // PostgreSQL knows no empty list to look in.
  if (projectIds?.length === 0 || environmentIds?.length === 0) {
    return { projectIds, environmentIds };
  }
  if (environmentIds !== null) {
    const rows = await database
      .selectFrom('environment')
      .innerJoin('project', 'project.id', 'environment.project_id')
      .select(['environment.id', 'environment.project_id'])
      .where('project.organization_id', '=', organization)
      .where('environment.id', 'in', environmentIds)
      .execute();
    const left = new Set(rows.map(({ project_id }) => project_id));
    const there = new Set(rows.map(({ id }) => id));
    return {
      projectIds: projectIds?.filter((id) => left.has(id)) ?? null,
      environmentIds: environmentIds.filter((id) => there.has(id)),
    };
  }
  if (projectIds === null) return { projectIds, environmentIds };
  const rows = await database
    .selectFrom('project')
    .select('id')
    .where('organization_id', '=', organization)
    .where('id', 'in', projectIds)
    .execute();
  const there = new Set(rows.map(({ id }) => id));
  return { projectIds: projectIds.filter((id) => there.has(id)), environmentIds };
}
