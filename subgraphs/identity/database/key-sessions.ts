import { sql } from 'kysely';
import type { Dialect, MigrationTransaction } from '#subgraphs/kit/index.ts';

/**
 * Step 0014: which key opened a session, and whether it ends with that. A trigger ends it in the same transaction,
 * whoever ends the key, has it end sooner or changes what it may do. Never changed any more.
 */
export async function makeKeySessions(
  transaction: MigrationTransaction,
  dialect: Dialect,
): Promise<void> {
  const differs = (column: string) =>
    dialect === 'sqlite'
      ? `new.${column} is not old.${column}`
      : `new.${column} is distinct from old.${column}`;
  const changes = ['scopes', 'grants', 'project_ids', 'environment_ids', 'ip_ranges'];
  const endings = [
    'new.revoked_at is not null',
    'new.disabled_at is not null',
    'new.expires_at < coalesce(old.expires_at, new.expires_at + 1)',
    ...changes.map(differs),
  ];
  const end = 'delete from session where opened_by_key = new.id and ends_with_key = 1';
  const on = `create trigger end_sessions_of_key
    after update of revoked_at, disabled_at, expires_at, ${changes.join(', ')} on api_key
    for each row when (${endings.join(' or ')})`;
  const statements = [
    'alter table session add column opened_by_key text',
    'alter table session add column ends_with_key integer not null default 0',
    'create index session_of_key on session (opened_by_key) where opened_by_key is not null',
    ...(dialect === 'sqlite'
      ? [`${on} begin ${end}; end`]
      : [
          `create function end_sessions_of_key() returns trigger language plpgsql
           set search_path from current as $body$ begin ${end}; return null; end $body$`,
          `${on} execute function end_sessions_of_key()`,
        ]),
  ];
  for (const statement of statements) await sql.raw(statement).execute(transaction);
}
