import type { Dialect, MigrationTransaction } from '#subgraphs/kit/index.ts';
import { appendOnly } from '../log/make-log.ts';

/** Makes the tables that seal `identity_log`: a hash for each of its rows, and signed checkpoints of the chain. */
export async function makeChain(
  transaction: MigrationTransaction,
  dialect: Dialect,
): Promise<void> {
  const { schema } = transaction;
  await schema
    .createTable('audit_chain')
    .addColumn('sequence', 'bigint', (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute();
  await schema
    .createTable('audit_checkpoint')
    .addColumn('sequence', 'bigint', (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('signature', 'text', (column) => column.notNull())
    .execute();
  await appendOnly(transaction, dialect, 'audit_chain');
  await appendOnly(transaction, dialect, 'audit_checkpoint');
  await schema
    .createIndex('identity_log_of_actor')
    .on('identity_log')
    .columns(['actor_id', 'sequence'])
    .execute();
}
