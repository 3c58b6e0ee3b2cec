import { sql } from 'kysely';
import type { Dialect, MigrationTransaction } from '#subgraphs/kit/index.ts';
import { type LoggedChange, logChanges } from '../log/log-changes.ts';

/** Step 0008: how keys are used, keys of other systems, and what puts a key out of use before its end. */
export async function makeKeyCare(
  transaction: MigrationTransaction,
  dialect: Dialect,
): Promise<void> {
  await makeUse(transaction);
  await makeCarePolicy(transaction);
  await widenKeys(transaction);
  await logChanges(transaction, dialect, loggedChanges);
}

/** Tables of their own: a use is no change of the key, and touches nothing that a gateway remembers. */
async function makeUse({ schema }: MigrationTransaction): Promise<void> {
  await schema
    .createTable('api_key_use')
    .addColumn('key_id', 'text', (column) =>
      column.primaryKey().references('api_key.id').onDelete('cascade'),
    )
    .addColumn('used_at', 'bigint', (column) => column.notNull())
    .addColumn('network', 'text')
    .addColumn('user_agent', 'text')
    .execute();
  await schema
    .createTable('api_key_usage_day')
    .addColumn('key_id', 'text', (column) =>
      column.notNull().references('api_key.id').onDelete('cascade'),
    )
    .addColumn('day', 'integer', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('api_key_usage_day_of_key', ['key_id', 'day'])
    .execute();
  await schema.createIndex('api_key_usage_of_day').on('api_key_usage_day').column('day').execute();
}

async function makeCarePolicy({ schema }: MigrationTransaction): Promise<void> {
  await schema
    .createTable('organization_key_care')
    .addColumn('organization_id', 'text', (column) =>
      column.primaryKey().references('organization.id').onDelete('cascade'),
    )
    .addColumn('disable_unused_days', 'integer')
    .addColumn('on_leak', 'text')
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
}

async function widenKeys(transaction: MigrationTransaction): Promise<void> {
  const add = async (definition: string) => {
    await sql.raw(`alter table api_key add column ${definition}`).execute(transaction);
  };
  await add("hash_kind text not null default 'key'");
  await add("former_hash_kind text not null default 'key'");
  await add('disabled_at bigint');
  await add('disabled_reason text');
  await add('watched_since bigint');
  await add('warned_of bigint');
  await add('warned_days integer');
  await add('leaked_at bigint');
  for (const name of ['leak_url', 'leak_source', 'leak_response']) await add(`${name} text`);
  // Of their use until now nothing is known: they count as used today.
  await sql`update api_key set watched_since = ${Date.now()}`.execute(transaction);
  await sql`create index api_key_that_ends on api_key (expires_at) where revoked_at is null`.execute(
    transaction,
  );
}

const key = {
  table: 'api_key',
  on: 'update',
  touches: 'credential',
  id: 'new.id',
  subject: 'new.owner_id',
  organization: 'new.organization_id',
} as const satisfies Partial<LoggedChange>;

const LEAKED = "('leaked', 'maker_leaked')";

const care = {
  table: 'organization_key_care',
  touches: null,
  id: 'new.organization_id',
  organization: 'new.organization_id',
  detail: { disableUnusedDays: 'new.disable_unused_days', onLeak: 'new.on_leak' },
} as const satisfies Partial<LoggedChange>;

const loggedChanges: readonly LoggedChange[] = [
  {
    ...key,
    on: 'insert',
    when: "new.hash_kind <> 'key'",
    action: 'key.imported',
    detail: { name: 'new.name', prefix: 'new.prefix' },
  },
  {
    ...key,
    of: ['disabled_reason'],
    when: "old.disabled_reason is null and new.disabled_reason = 'unused'",
    action: 'key.disabled',
    detail: { reason: 'new.disabled_reason' },
  },
  {
    ...key,
    of: ['disabled_reason'],
    when: "old.disabled_reason = 'unused' and new.disabled_reason is null",
    action: 'key.enabled',
  },
  {
    ...key,
    of: ['disabled_reason'],
    when: `new.disabled_reason in ${LEAKED} and old.disabled_reason is distinct from new.disabled_reason`,
    action: 'key.quarantined',
    detail: { reason: 'new.disabled_reason' },
  },
  {
    ...key,
    of: ['disabled_reason'],
    when: `old.disabled_reason in ${LEAKED} and new.disabled_reason is null`,
    action: 'key.released',
  },
  {
    ...key,
    // A text from before a rotation may have ended by it.
    of: ['leaked_at'],
    when: 'new.leaked_at is not null and old.leaked_at is distinct from new.leaked_at',
    action: 'key.leaked',
    detail: {
      response: 'new.leak_response',
      url: 'new.leak_url',
      source: 'new.leak_source',
      prefix: 'new.prefix',
    },
  },
  {
    ...key,
    touches: null,
    of: ['warned_days'],
    when: 'new.warned_days is not null and (old.warned_days is distinct from new.warned_days or old.warned_of is distinct from new.warned_of)',
    action: 'key.expires_soon',
    detail: { expiresAt: 'new.expires_at', withinDays: 'new.warned_days' },
  },
  { ...care, on: 'insert', action: 'key_care.made' },
  { ...care, on: 'update', action: 'key_care.changed' },
];
