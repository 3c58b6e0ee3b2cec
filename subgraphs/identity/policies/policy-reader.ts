import type { Grant } from '#contract/permissions/grant.ts';
import { createBatch } from '#subgraphs/kit/index.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { readStoredGrants } from '../rights/custom-scopes.ts';
import { narrowable } from '../rights/role-grants.ts';
import { type EnvironmentPolicy, firstPolicy, policyOf } from './environment-policies.ts';
import { type RoleGrantsRecord, roleGrantsOf } from './role-policies.ts';
import type { ScopeRecord } from './scopes.ts';

/** Look-ups of one turn of the event loop are one query each. Whoever asks has to say whether it may be seen. */
export interface PolicyReader {
  /** By name. */
  scopesOf(organizationId: string): Promise<readonly ScopeRecord[]>;
  roleGrantsOf(organizationId: string): Promise<readonly RoleGrantsRecord[]>;
  policyOf(environmentId: string): Promise<EnvironmentPolicy>;
}

export function createPolicyReader(database: IdentityDatabase): PolicyReader {
  const scopes = createBatch(async (organizationIds: readonly string[]) => {
    const rows = await database
      .selectFrom('organization_scope')
      .selectAll()
      .where('organization_id', 'in', organizationIds)
      .orderBy('name')
      .execute();
    const found = new Map<string, ScopeRecord[]>();
    for (const { organization_id: id, name, grants, updated_at: updatedAt } of rows) {
      const list = found.get(id) ?? [];
      list.push({ name, grants: readStoredGrants(grants), updatedAt });
      found.set(id, list);
    }
    return found;
  });
  const roles = createBatch(async (organizationIds: readonly string[]) => {
    const rows = await database
      .selectFrom('organization_role_grants')
      .select(['organization_id', 'role', 'grants'])
      .where('organization_id', 'in', organizationIds)
      .execute();
    const found = new Map<string, Map<string, readonly Grant[]>>();
    for (const { organization_id: id, role, grants } of rows) {
      const byRole = found.get(id) ?? new Map<string, readonly Grant[]>();
      found.set(id, byRole.set(role, readStoredGrants(grants)));
    }
    return found;
  });
  const policies = createBatch(async (environmentIds: readonly string[]) => {
    const rows = await database
      .selectFrom('environment_policy')
      .select(['environment_id', 'public_grants', 'default_stage'])
      .where('environment_id', 'in', environmentIds)
      .execute();
    return new Map(rows.map((row) => [row.environment_id, policyOf(row)]));
  });
  return {
    policyOf: async (id) => (await policies(id)) ?? firstPolicy,
    scopesOf: async (id) => (await scopes(id)) ?? [],
    async roleGrantsOf(id) {
      const narrowed = await roles(id);
      return narrowable.map((role) => roleGrantsOf(role, narrowed?.get(role)));
    },
  };
}
