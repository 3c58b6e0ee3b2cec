import type { Place } from '#contract/identity.ts';
import type { EnvironmentRef } from '#contract/permissions/restrict-to-environment.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { FIRST_ENVIRONMENT } from './environment-name.ts';
import { findProject } from './find-project.ts';

/** Where a credential can be used at all; null does not restrict. */
export interface Bounds {
  readonly organization: string | null;
  readonly projectIds: readonly string[] | null;
  readonly environmentIds: readonly string[] | null;
}

export interface FoundPlace {
  readonly projectId: string;
  readonly environment: EnvironmentRef;
}

/** Longer than any id or name. */
const MAX_LENGTH = 200;

/**
 * The project and environment that a place names, within bounds; null where there is no such place, as where there
 * is one out of bounds. Without a name of the environment it is `master`, or the oldest within bounds.
 */
export async function findPlace(
  database: IdentityDatabase,
  { organization, projectIds, environmentIds }: Bounds,
  { project: nameOrId, environment: wanted }: Place,
): Promise<FoundPlace | null> {
  if (organization === null || !isText(nameOrId)) return null;
  const project = await findProject(database, [organization], nameOrId);
  if (project === null || projectIds?.includes(project.id) === false) return null;
  const environments = await database
    .selectFrom('environment')
    .select(['id', 'name'])
    .where('project_id', '=', project.id)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  const within = environments.filter(({ id }) => environmentIds?.includes(id) !== false);
  const environment =
    wanted === undefined
      ? (within.find(({ name }) => name === FIRST_ENVIRONMENT) ?? within[0])
      : (within.find(({ id }) => id === wanted) ?? within.find(({ name }) => name === wanted));
  return environment === undefined ? null : { projectId: project.id, environment };
}

/** Whether it can be looked up at all: a store takes no NUL. */
function isText(text: string): boolean {
  return text.length <= MAX_LENGTH && text.isWellFormed() && !text.includes('\0');
}
