import { sql } from 'kysely';
import type { Dialect } from './dialect.ts';
import type { MigrationTransaction } from './migrate.ts';

/** An SQL expression for a trigger: the context as JSON, null outside of one. */
export function changeContextSql(dialect: Dialect): string {
  return dialect === 'sqlite'
    ? '(select context from castellan_change)'
    : "nullif(current_setting('castellan.change', true), '')::json";
}

/** Makes what SQLite needs for it; PostgreSQL has settings that end with their transaction. */
export async function makeChangeContext(
  transaction: MigrationTransaction,
  dialect: Dialect,
): Promise<void> {
  if (dialect !== 'sqlite') return;
  await transaction.schema
    .createTable('castellan_change')
    .addColumn('id', 'integer', (column) => column.primaryKey().check(sql`id = 1`))
    .addColumn('context', 'text', (column) => column.notNull())
    .execute();
}
