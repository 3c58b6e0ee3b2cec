import { newId } from '#contract/ids.ts';
import type { IdentityTransaction } from '../database/tables.ts';
import { FIRST_ENVIRONMENT } from './environment-name.ts';
import type { ProjectName } from './project-name.ts';
import { type ProjectRecord, projectColumns, projectOf } from './project-record.ts';

/** Makes a project of an organization with its first environment. */
export async function insertProject(
  transaction: IdentityTransaction,
  organizationId: string,
  { name, key }: ProjectName,
  now: number,
): Promise<ProjectRecord> {
  const row = await transaction
    .insertInto('project')
    .values({
      id: newId('project'),
      organization_id: organizationId,
      name,
      name_key: key,
      created_at: now,
    })
    .returning(projectColumns)
    .executeTakeFirstOrThrow();
  await transaction
    .insertInto('environment')
    .values({
      id: newId('environment'),
      project_id: row.id,
      name: FIRST_ENVIRONMENT,
      is_production: 1,
      created_at: now,
    })
    .execute();
  return projectOf(row);
}
