import { isDeepStrictEqual } from 'node:util';
import type { IdentityTransaction } from '../database/tables.ts';
import { scopesOf, typeOf } from './api-key-record.ts';
import { type BindingColumns, bindingsOf, columnsOf, commonBindings } from './bindings.ts';
import { boundColumns, boundsOfKey, type KeyBounds } from './key-bounds.ts';

type Row = BindingColumns & {
  readonly id: string;
  readonly made_by: string | null;
  readonly scopes: string;
  readonly expires_at: number | null;
};

/**
 * Takes from what was made with a key whatever that key has no longer: a key has at most its maker's rights, also
 * when these become less.
 */
export async function narrowMade(transaction: IdentityTransaction, id: string): Promise<void> {
  const maker = await transaction
    .selectFrom('api_key')
    .select(boundColumns)
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const pending: Row[] = [maker];
  const seen = new Set([id]);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const made = await transaction
      .selectFrom('api_key')
      .select(boundColumns)
      .where('made_by', '=', next.id)
      .where('revoked_at', 'is', null)
      .execute();
    const bounds = boundsOfKey(next);
    for (const row of made) {
      if (seen.has(row.id)) continue;
      seen.add(row.id);
      const narrowed = withinBounds(row, bounds);
      // One that fits already has made nothing that does not.
      if (isDeepStrictEqual(narrowed, { ...row })) continue;
      const { id: _id, made_by: _maker, ...columns } = narrowed;
      await transaction
        .updateTable('api_key')
        .set({ ...columns, type: typeOf(scopesOf(narrowed)) })
        .where('id', '=', row.id)
        .execute();
      pending.push(narrowed);
    }
  }
}

function withinBounds(row: Row, bounds: KeyBounds): Row {
  const { expires_at: end } = row;
  const last = bounds.expiresAt;
  return {
    ...row,
    scopes: scopesOf(row)
      .filter((scope) => bounds.scopes.includes(scope))
      .join(' '),
    expires_at: last === null ? end : end === null ? last : Math.min(end, last),
    ...columnsOf(commonBindings(bindingsOf(row), bounds.bindings)),
  };
}
