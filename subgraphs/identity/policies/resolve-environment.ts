import { anonymousCaller, type Caller } from '#contract/caller.ts';
import type { Credential } from '#contract/identity.ts';
import { restrictToEnvironment } from '#contract/permissions/restrict-to-environment.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { readStoredGrants } from '../rights/custom-scopes.ts';
import { orNone } from '../rights/or-none.ts';
import { firstPolicy } from './environment-policies.ts';

/** What ids and names of environments can be; nothing else is looked up. */
const SHAPE = /^\w[\w-]{0,127}$/;

/**
 * Anybody at all in an environment: nobody in particular, with what is open to the public there; null for an
 * environment that is not there. A project is named by its id alone: of its name nobody could say whose it is.
 */
export async function resolveEnvironment(
  database: IdentityDatabase,
  { text, inProject }: Pick<Credential, 'text' | 'inProject'>,
  asOfSequence: number,
): Promise<Caller | null> {
  if (!SHAPE.test(text) || (inProject !== undefined && !SHAPE.test(inProject))) return null;
  const rows = await database
    .selectFrom('environment')
    .innerJoin('project', 'project.id', 'environment.project_id')
    .leftJoin('environment_policy', 'environment_policy.environment_id', 'environment.id')
    .select([
      'environment.id',
      'environment.name',
      'environment.project_id',
      'project.organization_id',
      'environment_policy.public_grants',
      'environment_policy.default_stage',
    ])
    .where((is) => {
      const byId = is('environment.id', '=', text);
      if (inProject === undefined) return byId;
      const isThere = is('environment.project_id', '=', inProject);
      return is.and([isThere, is.or([byId, is('environment.name', '=', text)])]);
    })
    .execute();
  // What is one's id may be another's name.
  const row = rows.find((each) => each.id === text) ?? rows[0];
  if (row === undefined) return null;
  const { id, name, public_grants: grants } = row;
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
