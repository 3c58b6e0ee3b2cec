import { sql } from 'kysely';
import type { Dialect, MigrationTransaction } from '#subgraphs/kit/index.ts';

/** What PostgreSQL notifies when a row of `identity_log` is committed. */
export const LOG_CHANNEL = 'castellan_identity';

/** Has PostgreSQL say when something was logged, in the moment of the commit. SQLite cannot, and is looked at. */
export async function notifyOfLog(
  transaction: MigrationTransaction,
  dialect: Dialect,
): Promise<void> {
  if (dialect === 'sqlite') return;
  await sql
    .raw(
      `create function identity_log_notify() returns trigger language plpgsql as $body$
       begin perform pg_notify('${LOG_CHANNEL}', ''); return null; end $body$`,
    )
    .execute(transaction);
  await sql
    .raw(
      `create trigger identity_log_notify after insert on identity_log
       for each statement execute function identity_log_notify()`,
    )
    .execute(transaction);
}
