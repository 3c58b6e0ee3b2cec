import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { restrictToEnvironment } from '#contract/permissions/restrict-to-environment.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { readStoredGrants } from '../rights/custom-scopes.ts';
import { orNone } from '../rights/or-none.ts';
import { firstPolicy } from './environment-policies.ts';

/** What an id can be; nothing else is looked up. */
const ID = /^\w[\w-]{0,127}$/;

/**
 * Anybody at all in an environment: nobody in particular, with what is open to the public there; null for an
 * environment that is not there.
 */
export async function resolveEnvironment(
  database: IdentityDatabase,
  id: string,
  asOfSequence: number,
): Promise<Caller | null> {
  if (!ID.test(id)) return null;
  const row = await database
    .selectFrom('environment')
    .innerJoin('project', 'project.id', 'environment.project_id')
    .leftJoin('environment_policy', 'environment_policy.environment_id', 'environment.id')
    .select([
      'environment.name',
      'environment.project_id',
      'project.organization_id',
      'environment_policy.public_grants',
      'environment_policy.default_stage',
    ])
    .where('environment.id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { name, public_grants: grants } = row;
  const permissions = orNone(() => {
    const open = permissionsOf([], undefined, grants === null ? [] : readStoredGrants(grants));
    return restrictToEnvironment(open, { id, name });
  });
  return Object.freeze({
    ...anonymousCaller,
    organization: row.organization_id,
    project: row.project_id,
    environment: id,
    defaultStage: row.default_stage ?? firstPolicy.defaultStage,
    permissions,
    asOfSequence,
  });
}
