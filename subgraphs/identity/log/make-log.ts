import { sql } from 'kysely';
import type { Dialect, MigrationTransaction } from '#subgraphs/kit/index.ts';

/**
 * Makes `identity_log`: what happened to keys, sessions, people, members and policies, in the order of the
 * commits. It is the outbox of the event feed and the audit log at once, and takes neither update nor delete.
 */
export async function makeLog(transaction: MigrationTransaction, dialect: Dialect): Promise<void> {
  await transaction.schema
    .createTable('identity_log')
    .addColumn('sequence', dialect === 'sqlite' ? 'integer' : 'bigserial', (column) =>
      dialect === 'sqlite' ? column.primaryKey().autoIncrement() : column.primaryKey(),
    )
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('touches', 'text')
    .addColumn('touched_id', 'text', (column) => column.notNull())
    .addColumn('subject_id', 'text')
    .addColumn('organization_id', 'text')
    .addColumn('actor_kind', 'text', (column) => column.notNull())
    .addColumn('actor_id', 'text')
    .addColumn('credential_id', 'text')
    .addColumn('address', 'text')
    .addColumn('request_id', 'text')
    .addColumn('detail', 'text', (column) => column.notNull())
    .execute();
  await transaction.schema
    .createIndex('identity_log_of_subject')
    .on('identity_log')
    .columns(['subject_id', 'sequence'])
    .execute();
  await transaction.schema
    .createIndex('identity_log_of_organization')
    .on('identity_log')
    .columns(['organization_id', 'sequence'])
    .execute();
  await appendOnly(transaction, dialect, 'identity_log');
}

/** Has the database refuse every change of what is in a table, to whoever asks. */
export async function appendOnly(
  transaction: MigrationTransaction,
  dialect: Dialect,
  table: string,
): Promise<void> {
  const refusal = `${table} takes no update and no delete`;
  if (dialect === 'sqlite') {
    for (const event of ['update', 'delete']) {
      await sql
        .raw(
          `create trigger ${table}_no_${event} before ${event} on ${table}
           begin select raise(abort, '${refusal}'); end`,
        )
        .execute(transaction);
    }
    return;
  }
  await sql
    .raw(
      `create function ${table}_refuse() returns trigger language plpgsql as $body$
       begin raise exception '${refusal}'; end $body$`,
    )
    .execute(transaction);
  await sql
    .raw(
      `create trigger ${table}_append_only before update or delete or truncate on ${table}
       for each statement execute function ${table}_refuse()`,
    )
    .execute(transaction);
}
