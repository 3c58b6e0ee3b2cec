import type { IdentityDatabase } from '../database/tables.ts';
import { firstPolicy } from '../policies/environment-policies.ts';
import { FIRST_ENVIRONMENT } from './environment-name.ts';
import { findProject } from './find-project.ts';

/** An environment that a caller is in. */
export interface Place {
  readonly project: string;
  readonly environment: string;
  /** The environment's name, by which grants may mean it. */
  readonly name: string;
  readonly defaultStage: string;
}

/** What a request says of where it means to be: at least one of the two. */
export interface AskedPlace {
  /** The id or the name of a project. */
  readonly project?: string | undefined;
  /** The id of an environment, or its name where there is just one project that can be meant. */
  readonly environment?: string | undefined;
}

/** Where a credential may be used. Null does not restrict. */
export interface PlacesOfKey {
  readonly projectIds: readonly string[] | null;
  readonly environmentIds: readonly string[] | null;
}

const NO_BINDING: PlacesOfKey = Object.freeze({ projectIds: null, environmentIds: null });

/** What is looked up of environments: ids and names. */
const ASKED = /^\w[\w-]{0,127}$/;
/** Longer than any id or name of a project. */
const MAX_LENGTH = 200;

/**
 * The environment of an organization that a request asks to be in; null for one that is not there as for one that the
 * credential does not reach. In a project alone it is `master`, or the oldest that the credential does reach.
 */
export async function findPlace(
  database: IdentityDatabase,
  organization: string | null,
  asked: AskedPlace,
  places: PlacesOfKey = NO_BINDING,
): Promise<Place | null> {
  if (organization === null) return null;
  const { projectIds, environmentIds } = places;
  if (asked.environment !== undefined && !ASKED.test(asked.environment)) return null;
  const project =
    asked.project === undefined
      ? onlyOne(projectIds)
      : await projectIn(database, organization, asked.project);
  if (asked.project !== undefined && project === null) return null;
  let rows = await environmentsIn(database, organization, project, asked);
  if (projectIds !== null) rows = rows.filter((row) => projectIds.includes(row.project_id));
  if (environmentIds !== null) rows = rows.filter(({ id }) => environmentIds.includes(id));
  const { environment } = asked;
  // What is one's id may be another's name.
  const row =
    environment === undefined
      ? (rows.find(({ name }) => name === FIRST_ENVIRONMENT) ?? rows[0])
      : (rows.find(({ id }) => id === environment) ?? rows[0]);
  if (row === undefined) return null;
  return {
    project: row.project_id,
    environment: row.id,
    name: row.name,
    defaultStage: row.default_stage ?? firstPolicy.defaultStage,
  };
}

/** The id of the project that is asked for; a store takes no NUL, and what is too long is none. */
async function projectIn(
  database: IdentityDatabase,
  organization: string,
  asked: string,
): Promise<string | null> {
  if (asked.length > MAX_LENGTH || !asked.isWellFormed() || asked.includes('\0')) return null;
  return (await findProject(database, [organization], asked))?.id ?? null;
}

/** Those that may be meant, the oldest first. A name counts only within a project. */
async function environmentsIn(
  database: IdentityDatabase,
  organization: string,
  project: string | null,
  asked: AskedPlace,
) {
  return database
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
      const inProject = is('environment.project_id', '=', project ?? '');
      const { environment } = asked;
      if (environment === undefined) return inProject;
      const byId = is('environment.id', '=', environment);
      const byName = is.and([is('environment.name', '=', environment), inProject]);
      if (project === null) return byId;
      return is.or([asked.project === undefined ? byId : is.and([byId, inProject]), byName]);
    })
    .orderBy('environment.created_at')
    .orderBy('environment.id')
    .execute();
}

function onlyOne(ids: readonly string[] | null): string | null {
  return ids?.length === 1 ? (ids[0] ?? null) : null;
}
