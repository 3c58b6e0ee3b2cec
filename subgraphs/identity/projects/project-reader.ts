import { createBatch } from '#subgraphs/kit/index.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { FIRST_ENVIRONMENT } from './environment-name.ts';
import {
  type EnvironmentRecord,
  environmentColumns,
  environmentOf,
  type ProjectRecord,
  projectColumns,
  projectOf,
} from './project-record.ts';

/** Look-ups of one turn of the event loop are one query each. Whoever asks has to say whether it may be seen. */
export interface ProjectReader {
  project(id: string): Promise<ProjectRecord | undefined>;
  environment(id: string): Promise<EnvironmentRecord | undefined>;
  /** Oldest first. */
  projectsOf(organizationId: string): Promise<readonly ProjectRecord[]>;
  /** `master` leads, then the oldest first. */
  environmentsOf(projectId: string): Promise<readonly EnvironmentRecord[]>;
}

export function createProjectReader(database: IdentityDatabase): ProjectReader {
  const projects = database.selectFrom('project').select(projectColumns);
  const environments = database.selectFrom('environment').select(environmentColumns);

  const project = createBatch(async (ids: readonly string[]) => {
    const rows = await projects.where('id', 'in', ids).execute();
    return new Map(rows.map((row) => [row.id, projectOf(row)]));
  });
  const environment = createBatch(async (ids: readonly string[]) => {
    const rows = await environments.where('id', 'in', ids).execute();
    return new Map(rows.map((row) => [row.id, environmentOf(row)]));
  });
  const projectsOf = createBatch(async (organizationIds: readonly string[]) => {
    const rows = await projects
      .where('organization_id', 'in', organizationIds)
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    return Map.groupBy(rows.map(projectOf), ({ organizationId }) => organizationId);
  });
  const environmentsOf = createBatch(async (projectIds: readonly string[]) => {
    const rows = await environments
      .where('project_id', 'in', projectIds)
      .orderBy((is) => is.case().when('name', '=', FIRST_ENVIRONMENT).then(0).else(1).end())
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    return Map.groupBy(rows.map(environmentOf), ({ projectId }) => projectId);
  });

  return {
    project,
    environment,
    projectsOf: async (id) => (await projectsOf(id)) ?? [],
    environmentsOf: async (id) => (await environmentsOf(id)) ?? [],
  };
}
