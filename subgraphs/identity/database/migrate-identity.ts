import type { BetterAuthOptions } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { type Database, type Dialect, migrate } from '#subgraphs/kit/index.ts';
import { migrations } from './migrations.ts';

/**
 * Brings better-auth's tables and identity's own up to date, all or none of them. Two processes that start
 * at once wait for each other.
 */
export async function migrateIdentity(
  database: Database,
  dialect: Dialect,
  authOptions: BetterAuthOptions,
): Promise<void> {
  await migrate(
    database,
    dialect,
    'identity_migration',
    migrations(dialect),
    async (transaction) => {
      const { runMigrations } = await getMigrations({
        ...authOptions,
        database: { db: transaction, type: dialect },
      });
      await runMigrations();
    },
  );
}
