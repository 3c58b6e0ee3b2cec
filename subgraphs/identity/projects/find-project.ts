import type { Caller } from '#contract/caller.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { projectNameKey } from './project-name.ts';
import { type ProjectRecord, projectColumns, projectOf } from './project-record.ts';

/**
 * The project with this id or name in one of these organizations; null when none of them has it.
 *
 * An id comes before a name, and of several with one name the one whose organization is named first.
 */
export async function findProject(
  database: IdentityDatabase,
  organizations: readonly string[],
  nameOrId: string,
): Promise<ProjectRecord | null> {
  if (organizations.length === 0) return null;
  const rows = await database
    .selectFrom('project')
    .select(projectColumns)
    .where('organization_id', 'in', organizations)
    .where((is) => is.or([is('id', '=', nameOrId), is('name_key', '=', projectNameKey(nameOrId))]))
    .execute();
  const projects = rows.map(projectOf);
  const named = organizations.flatMap((id) =>
    projects.filter(({ organizationId }) => organizationId === id),
  );
  return projects.find(({ id }) => id === nameOrId) ?? named[0] ?? null;
}

/**
 * Whether a caller may use a project, and one of its environments, at all: in the organization in whose name they
 * call, and with a key that is bound to a project or an environment only there. What they may do there is for their
 * permissions to say.
 */
export function mayUseProject(
  caller: Caller,
  project: Pick<ProjectRecord, 'id' | 'organizationId'>,
  environmentId: string | null = null,
): boolean {
  if (caller.organization !== project.organizationId) return false;
  return isWithinBinding(caller, project.id, environmentId);
}

/** Whether this is not outside of what a key is bound to. Without an environment, the project as a whole is meant. */
export function isWithinBinding(
  { project, environment }: Pick<Caller, 'project' | 'environment'>,
  projectId: string,
  environmentId: string | null = null,
): boolean {
  if (project !== null && project !== projectId) return false;
  return environment === null || environmentId === null || environment === environmentId;
}
