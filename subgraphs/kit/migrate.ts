import { type Kysely, sql, type Transaction } from 'kysely';
import { type Database, withoutSilenceLimit } from './database.ts';
import type { Dialect } from './dialect.ts';

/** One transaction: everything in it happens, or nothing. */
export type MigrationTransaction = Transaction<unknown>;

/** Steps by name, in the order in which they run; a step that has run is never changed. */
export type Migrations = Readonly<
  Record<string, (transaction: MigrationTransaction) => Promise<void>>
>;

interface MigrationTable {
  [table: string]: { name: string; applied_at: string };
}

/** Any fixed number: all processes that migrate this database wait for each other on it. */
const LOCK = 7_165_020_422;

/**
 * Brings the tables of one subgraph up to date, in one transaction that only one process is in at a time.
 *
 * `table` remembers which steps have run, so that several subgraphs can share a database.
 * `before` runs first, every time, in the same transaction.
 */
export async function migrate(
  database: Database,
  dialect: Dialect,
  table: string,
  steps: Migrations,
  before?: (transaction: MigrationTransaction) => Promise<void>,
): Promise<void> {
  await withoutSilenceLimit(database, (patient) =>
    patient.transaction().execute(async (transaction) => {
      // On SQLite a transaction begins with the write lock.
      if (dialect === 'postgres')
        await sql`select pg_advisory_xact_lock(${LOCK})`.execute(transaction);
      await before?.(transaction);
      const applied = await appliedSteps(transaction, table);
      for (const [name, step] of Object.entries(steps)) {
        if (applied.has(name)) continue;
        await step(transaction);
        await asMigrationTable(transaction)
          .insertInto(table)
          .values({ name, applied_at: new Date().toISOString() })
          .execute();
      }
    }),
  );
}

async function appliedSteps(
  transaction: MigrationTransaction,
  table: string,
): Promise<ReadonlySet<string>> {
  await transaction.schema
    .createTable(table)
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('applied_at', 'text', (column) => column.notNull())
    .execute();
  const rows = await asMigrationTable(transaction).selectFrom(table).select('name').execute();
  return new Set(rows.map((row) => row.name));
}

function asMigrationTable(transaction: MigrationTransaction): Kysely<MigrationTable> {
  return transaction.$extendTables<MigrationTable>();
}
