import { intersect } from '#contract/permissions/intersect.ts';
import { keyTypeOf } from '#contract/permissions/key-type.ts';
import { rightsOf, scopesOf } from '../api-keys/api-key-record.ts';
import { narrowMade } from '../api-keys/narrow-made.ts';
import type { IdentityTransaction } from '../database/tables.ts';
import { readCustomScopes } from '../rights/custom-scopes.ts';
import { naming } from '../rights/live-rights.ts';
import { narrowedRole, readRoleGrants } from '../rights/role-grants.ts';

/**
 * Brings an organization's keys in line after it changed what a scope stands for: their types, and what was made with
 * those that carry it.
 */
export async function reviewKeys(
  transaction: IdentityTransaction,
  organization: string,
  scope: string,
): Promise<void> {
  const custom = await readCustomScopes(transaction, organization);
  const carrying = (await liveKeys(transaction, organization)).filter((row) =>
    scopesOf(row).includes(scope),
  );
  const changed = carrying.filter((row) => keyTypeOf(rightsOf(row, custom)) !== row.type);
  for (const row of changed) {
    await transaction
      .updateTable('api_key')
      .set({ type: keyTypeOf(rightsOf(row, custom)) })
      .where('id', '=', row.id)
      .execute();
  }
  for (const { id } of carrying) await narrowMade(transaction, id, custom);
}

/**
 * Refuses what would leave a key of the organization with rights that cannot be told, whichever of its roles the
 * owner has.
 * @throws CodedError PERMISSIONS_TOO_COMPLEX
 */
export async function requireTellable(
  transaction: IdentityTransaction,
  organization: string,
): Promise<void> {
  const custom = await readCustomScopes(transaction, organization);
  const roles = [...(await readRoleGrants(transaction, organization))].map(([role, grants]) =>
    narrowedRole(role, grants),
  );
  const seen = new Set<string>();
  for (const row of await liveKeys(transaction, organization)) {
    const text = `${row.scopes}\n${row.grants ?? ''}`;
    if (seen.has(text)) continue;
    seen.add(text);
    const permissions = rightsOf(row, custom);
    for (const role of roles) intersect(permissions, naming(role, permissions), custom);
  }
}

function liveKeys(transaction: IdentityTransaction, organization: string) {
  return transaction
    .selectFrom('api_key')
    .select(['id', 'scopes', 'grants', 'type'])
    .where('organization_id', '=', organization)
    .where('revoked_at', 'is', null)
    .execute();
}
