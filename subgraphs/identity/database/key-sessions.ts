import { sql } from 'kysely';
import type { Dialect, MigrationTransaction } from '#subgraphs/kit/index.ts';

/**
 * Step 0014: which key opened a session, and whether it ends with that. A trigger ends it, whoever ends the key, in the
 * same transaction. Never changed any more.
 */
export async function makeKeySessions(
  transaction: MigrationTransaction,
  dialect: Dialect,
): Promise<void> {
  const end = 'delete from session where opened_by_key = new.id and ends_with_key = 1';
  const when = '(new.revoked_at is not null or new.disabled_at is not null)';
  const statements = [
    'alter table session add column opened_by_key text',
    'alter table session add column ends_with_key integer not null default 0',
    'create index session_of_key on session (opened_by_key) where opened_by_key is not null',
    ...(dialect === 'sqlite'
      ? [
          `create trigger end_sessions_of_key after update of revoked_at, disabled_at on api_key
           for each row when ${when} begin ${end}; end`,
        ]
      : [
          `create function end_sessions_of_key() returns trigger language plpgsql
           set search_path from current as $body$ begin ${end}; return null; end $body$`,
          `create trigger end_sessions_of_key after update of revoked_at, disabled_at on api_key
           for each row when ${when} execute function end_sessions_of_key()`,
        ]),
  ];
  for (const statement of statements) await sql.raw(statement).execute(transaction);
}
