import type { MigrationTransaction } from '#subgraphs/kit/index.ts';

/** Step 0012, first part: what the owners of keys are still to be told by mail. Never changed any more. */
export async function makeKeyNotices({ schema }: MigrationTransaction): Promise<void> {
  await schema
    .createTable('key_notice')
    .addColumn('key_id', 'text', (column) =>
      column.notNull().references('api_key.id').onDelete('cascade'),
    )
    .addColumn('about', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('within_days', 'integer', (column) => column.notNull())
    .addColumn('tries', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('tried_at', 'bigint')
    .addPrimaryKeyConstraint('key_notice_of_key', ['key_id', 'about', 'at', 'within_days'])
    .execute();
}
