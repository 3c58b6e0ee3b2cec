import type { IdentityTransaction } from '../database/tables.ts';

/**
 * Puts a key that was found out of use, and with it what was made with it: whoever found it may have made keys. What
 * was found itself stays called so.
 */
export async function quarantineWithMade(
  transaction: IdentityTransaction,
  id: string,
  now: number,
): Promise<void> {
  await transaction
    .updateTable('api_key')
    .set({ disabled_at: now, disabled_reason: 'leaked' })
    .where('id', '=', id)
    .execute();
  await transaction
    .withRecursive('made', (made) =>
      made
        .selectFrom('api_key')
        .select('id')
        .where('made_by', '=', id)
        // Not "union all": whatever the rows say, it comes to an end.
        .union(
          made
            .selectFrom('api_key')
            .innerJoin('made', 'made.id', 'api_key.made_by')
            .select('api_key.id'),
        ),
    )
    .updateTable('api_key')
    .set({ disabled_at: now, disabled_reason: 'maker_leaked' })
    .where('revoked_at', 'is', null)
    .where('id', '!=', id)
    .where((is) => is.or([is('disabled_reason', 'is', null), is('disabled_reason', '=', 'unused')]))
    .where('id', 'in', (query) => query.selectFrom('made').select('made.id'))
    .execute();
}
