import type { Grant } from '#contract/permissions/grant.ts';
import { readCombinedGrants } from '#contract/permissions/read-grants.ts';
import { type CustomScopes, isBuiltIn } from '#contract/permissions/scope.ts';
import type { IdentityDatabase } from '../database/tables.ts';

/**
 * What the scopes of an organization's own stand for: of all of them, or of those among `names`. One that nobody
 * defined is not in it. Without such names nothing is asked.
 */
export async function readCustomScopes(
  database: IdentityDatabase,
  organization: string | null,
  names?: readonly string[],
): Promise<CustomScopes> {
  const wanted = names?.filter((name) => !isBuiltIn(name));
  if (organization === null || wanted?.length === 0) return new Map();
  let query = database
    .selectFrom('organization_scope')
    .select(['name', 'grants'])
    .where('organization_id', '=', organization);
  if (wanted !== undefined) query = query.where('name', 'in', wanted);
  const rows = await query.execute();
  return new Map(rows.map(({ name, grants }) => [name, readStoredGrants(grants)]));
}

/** Grants as they stand in the store; what was once taken is not refused for being long. */
export function readStoredGrants(json: string): readonly Grant[] {
  return readCombinedGrants(JSON.parse(json));
}
