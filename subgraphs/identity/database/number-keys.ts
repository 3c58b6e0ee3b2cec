import { sql } from 'kysely';
import type { Dialect, MigrationTransaction } from '#subgraphs/kit/index.ts';

/**
 * Step 0013: each key has a number, for clients that know ids as integers. A trigger gives it, whoever makes the
 * key; a number is never given twice, and some are never given.
 */
export async function numberKeys(
  transaction: MigrationTransaction,
  dialect: Dialect,
): Promise<void> {
  const number =
    dialect === 'sqlite'
      ? 'integer primary key autoincrement'
      : 'integer generated always as identity primary key';
  const give = 'insert into api_key_number (key_id) values (new.id)';
  const statements = [
    `create table api_key_number (
       number ${number},
       key_id text not null unique references api_key (id) on delete cascade)`,
    'insert into api_key_number (key_id) select id from api_key order by created_at, id',
    ...(dialect === 'sqlite'
      ? [`create trigger number_api_key after insert on api_key for each row begin ${give}; end`]
      : [
          `create function number_api_key() returns trigger language plpgsql
           set search_path from current as $body$ begin ${give}; return null; end $body$`,
          `create trigger number_api_key after insert on api_key for each row
           execute function number_api_key()`,
        ]),
  ];
  for (const statement of statements) await sql.raw(statement).execute(transaction);
}
