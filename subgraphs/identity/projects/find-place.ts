import type { IdentityDatabase } from '../database/tables.ts';
import { firstPolicy } from '../policies/environment-policies.ts';

/** An environment that a caller is in. */
export interface Place {
  readonly project: string;
  readonly environment: string;
  /** The environment's name, by which grants may mean it. */
  readonly name: string;
  readonly defaultStage: string;
}

/** Where a credential may be used. Null does not restrict. */
export interface PlacesOfKey {
  readonly projectIds: readonly string[] | null;
  readonly environmentIds: readonly string[] | null;
}

const NO_BINDING: PlacesOfKey = Object.freeze({ projectIds: null, environmentIds: null });

/** What is looked up: ids, and names of environments. */
const ASKED = /^\w[\w-]{0,127}$/;

/**
 * The environment of an organization that a request asks to be in, by its id, or by its name where there is just one
 * project that can be meant; null for one that is not there as for one that the credential does not reach.
 */
export async function findPlace(
  database: IdentityDatabase,
  organization: string | null,
  asked: string,
  { projectIds, environmentIds }: PlacesOfKey = NO_BINDING,
): Promise<Place | null> {
  if (!ASKED.test(asked)) return null;
  const project = projectIds?.length === 1 ? (projectIds[0] ?? null) : null;
  const rows = await database
    .selectFrom('environment')
    .innerJoin('project', 'project.id', 'environment.project_id')
    .leftJoin('environment_policy', 'environment_policy.environment_id', 'environment.id')
    .select([
      'environment.id',
      'environment.name',
      'environment.project_id',
      'environment_policy.default_stage',
    ])
    .where('project.organization_id', '=', organization)
    .where((is) => {
      const byId = is('environment.id', '=', asked);
      if (project === null) return byId;
      const byName = is('environment.name', '=', asked);
      return is.or([byId, is.and([byName, is('environment.project_id', '=', project)])]);
    })
    .execute();
  // What is one's id may be another's name.
  const row = rows.find(({ id }) => id === asked) ?? rows[0];
  if (row === undefined) return null;
  if (environmentIds !== null && !environmentIds.includes(row.id)) return null;
  if (projectIds !== null && !projectIds.includes(row.project_id)) return null;
  return {
    project: row.project_id,
    environment: row.id,
    name: row.name,
    defaultStage: row.default_stage ?? firstPolicy.defaultStage,
  };
}
