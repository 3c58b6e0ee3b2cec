import { isDeepStrictEqual } from 'node:util';
import type { Permissions } from '#contract/permissions/grant.ts';
import { keyTypeOf } from '#contract/permissions/key-type.ts';
import type { CustomScopes } from '#contract/permissions/scope.ts';
import type { IdentityTransaction } from '../database/tables.ts';
import { isWithinByName, narrowByName } from '../rights/within-by-name.ts';
import { type RightsColumns, rightsColumnsOf, rightsOf } from './api-key-record.ts';
import { bindingsOf, columnsOf, commonBindings } from './bindings.ts';
import { type BoundRow, boundColumns, boundsOfKey, type KeyBounds } from './key-bounds.ts';

/**
 * Takes from what was made with a key whatever that key has no longer: a key has at most its maker's rights, also
 * when these become less.
 */
export async function narrowMade(
  transaction: IdentityTransaction,
  id: string,
  custom: CustomScopes,
): Promise<void> {
  const maker = await transaction
    .selectFrom('api_key')
    .select(boundColumns)
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const pending: BoundRow[] = [maker];
  const seen = new Set([id]);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const made = await transaction
      .selectFrom('api_key')
      .select(boundColumns)
      .where('made_by', '=', next.id)
      .where('revoked_at', 'is', null)
      .execute();
    const bounds = boundsOfKey(next, custom);
    for (const row of made) {
      if (seen.has(row.id)) continue;
      seen.add(row.id);
      const narrowed = withinBounds(row, bounds, custom);
      // One that fits already has made nothing that does not.
      if (isDeepStrictEqual(narrowed, { ...row })) continue;
      const { id: _id, made_by: _maker, ...columns } = narrowed;
      await transaction
        .updateTable('api_key')
        .set({ ...columns, type: keyTypeOf(rightsOf(narrowed, custom)) })
        .where('id', '=', row.id)
        .execute();
      pending.push(narrowed);
    }
  }
}

function withinBounds(row: BoundRow, bounds: KeyBounds, custom: CustomScopes): BoundRow {
  const { expires_at: end } = row;
  const last = bounds.expiresAt;
  return {
    ...row,
    ...rightsWithin(row, bounds.permissions, custom),
    expires_at: last === null ? end : end === null ? last : Math.min(end, last),
    ...columnsOf(commonBindings(bindingsOf(row), bounds.bindings)),
  };
}

function rightsWithin(row: BoundRow, maker: Permissions, custom: CustomScopes): RightsColumns {
  const own = rightsOf(row, custom);
  if (isWithinByName(own, maker, custom)) return { scopes: row.scopes, grants: row.grants };
  const { scopes, grants } = narrowByName(own, maker, custom);
  const { type: _type, ...columns } = rightsColumnsOf(scopes, grants, custom);
  return columns;
}
