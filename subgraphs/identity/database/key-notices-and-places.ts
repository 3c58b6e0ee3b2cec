import { sql } from 'kysely';
import type { Dialect, MigrationTransaction } from '#subgraphs/kit/index.ts';
import { type LoggedChange, logChanges } from '../log/log-changes.ts';

/**
 * Step 0012: what the owners of keys are still to be told by mail, and which keys a change of a project or environment
 * touches. Never changed any more.
 */
export async function makeKeyNoticesAndPlaces(
  transaction: MigrationTransaction,
  dialect: Dialect,
): Promise<void> {
  await transaction.schema
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
  await sql`create index api_key_of_places on api_key (id) where project_ids is not null`.execute(
    transaction,
  );
  await logChanges(transaction, dialect, placesOfKeys(dialect));
}

/**
 * The caller of a key that is bound to several places names none of them, so that no event about a place is about it:
 * it gets one of its own.
 */
function placesOfKeys(dialect: Dialect): readonly LoggedChange[] {
  const holds = (list: string, text: string) =>
    dialect === 'sqlite' ? `instr(key.${list}, ${text}) > 0` : `strpos(key.${list}, ${text}) > 0`;
  const hasSeveral = (list: string) => holds(list, `'","'`);
  const has = (list: string, id: string) =>
    `${hasSeveral(list)} and ${holds(list, `'"' || ${id} || '"'`)}`;
  const keys = (condition: string) =>
    `api_key as key where key.project_ids is not null and key.revoked_at is null and (${condition})`;
  const ofEnvironment = (row: 'new' | 'old') =>
    keys(
      `(${has('environment_ids', `${row}.id`)})
       or (key.environment_ids is null and ${has('project_ids', `${row}.project_id`)})`,
    );
  const key = {
    touches: 'credential',
    id: 'key.id',
    subject: 'key.owner_id',
    organization: 'key.organization_id',
  } as const satisfies Partial<LoggedChange>;
  return [
    {
      ...key,
      table: 'environment',
      on: 'insert',
      forEach: ofEnvironment('new'),
      action: 'key.environment_added',
      detail: { environment: 'new.id', name: 'new.name' },
    },
    {
      ...key,
      table: 'environment',
      on: 'delete',
      forEach: ofEnvironment('old'),
      action: 'key.environment_removed',
      detail: { environment: 'old.id', name: 'old.name' },
    },
    {
      ...key,
      table: 'project',
      on: 'delete',
      forEach: keys(has('project_ids', 'old.id')),
      action: 'key.project_removed',
      detail: { project: 'old.id', name: 'old.name' },
    },
  ];
}
