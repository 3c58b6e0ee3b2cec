import type { IdentityDatabase } from '../database/tables.ts';
import { FIRST_ENVIRONMENT } from '../projects/environment-name.ts';
import { readProjectName } from '../projects/project-name.ts';

export const FIRST_PROJECT = 'default';

/** The ids of what everybody has for themselves. They follow from the person's id, so that there is only one. */
export function personalIds(userId: string): {
  readonly organization: string;
  readonly member: string;
  readonly project: string;
  readonly environment: string;
} {
  const name = userId.slice(userId.indexOf('_') + 1);
  return {
    organization: `org_${name}`,
    member: `member_${name}`,
    project: `project_${name}`,
    environment: `environment_${name}`,
  };
}

/** The person whose personal organization this is, if it is one and they are still there. */
export function personOf(organizationId: string): string {
  return `user_${organizationId.slice(organizationId.indexOf('_') + 1)}`;
}

/**
 * Gives a person their personal organization, with a project and its `master` environment.
 *
 * It changes nothing where they are there: it runs after each sign-up, whose commit it is not part of, and
 * again at each sign-in, which makes up for a process that died in between. A project that the person has
 * deleted does not come back.
 */
export async function ensurePersonalOrganization(
  database: IdentityDatabase,
  userId: string,
  now: number,
): Promise<void> {
  const ids = personalIds(userId);
  const complete = await database
    .selectFrom('member')
    .select('id')
    .where('id', '=', ids.member)
    .executeTakeFirst();
  if (complete !== undefined) return;
  const createdAt = new Date(now).toISOString();
  await database.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('organization')
      .values({
        id: ids.organization,
        name: 'Personal',
        slug: `personal-${ids.organization.slice('org_'.length)}`,
        createdAt,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
    await transaction
      .insertInto('member')
      .values({
        id: ids.member,
        organizationId: ids.organization,
        userId,
        role: 'owner',
        createdAt,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
    await transaction
      .insertInto('project')
      .values({
        id: ids.project,
        organization_id: ids.organization,
        name: FIRST_PROJECT,
        name_key: FIRST_PROJECT,
        created_at: now,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
    await transaction
      .insertInto('environment')
      .values({
        id: ids.environment,
        project_id: ids.project,
        name: FIRST_ENVIRONMENT,
        is_production: 1,
        created_at: now,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
  });
}

/** Gives a person's first project another name. */
export async function nameFirstProject(
  database: IdentityDatabase,
  userId: string,
  name: string,
): Promise<void> {
  const read = readProjectName(name);
  await database
    .updateTable('project')
    .set({ name: read.name, name_key: read.key })
    .where('id', '=', personalIds(userId).project)
    .execute();
}
