import { sql } from 'kysely';
import type { Dialect, MigrationTransaction } from '#subgraphs/kit/index.ts';
import { type LoggedChange, logChanges } from '../log/log-changes.ts';

/** Step 0007: service accounts, the policy of an organization's keys, and what a key is beside its scopes. */
export async function makeKeyLife(
  transaction: MigrationTransaction,
  dialect: Dialect,
): Promise<void> {
  await makeServiceAccounts(transaction);
  await makeKeyPolicy(transaction);
  await widenKeys(transaction);
  await logChanges(transaction, dialect, loggedChanges);
}

async function makeServiceAccounts({ schema }: MigrationTransaction): Promise<void> {
  await schema
    .createTable('service_account')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('organization_id', 'text', (column) =>
      column.notNull().references('organization.id').onDelete('cascade'),
    )
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('name_key', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('suspended_at', 'bigint')
    .addUniqueConstraint('service_account_name', ['organization_id', 'name_key'])
    .execute();
  await schema
    .createIndex('service_account_of_organization')
    .on('service_account')
    .columns(['organization_id', 'created_at', 'id'])
    .execute();
}

async function makeKeyPolicy({ schema }: MigrationTransaction): Promise<void> {
  await schema
    .createTable('organization_key_policy')
    .addColumn('organization_id', 'text', (column) =>
      column.primaryKey().references('organization.id').onDelete('cascade'),
    )
    .addColumn('default_expires_in', 'text')
    .addColumn('max_expires_in', 'text')
    .addColumn('allow_never', 'integer')
    .addColumn('max_personal_keys', 'integer')
    .addColumn('max_service_account_keys', 'integer')
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
}

async function widenKeys(transaction: MigrationTransaction): Promise<void> {
  const add = async (definition: string) => {
    await sql.raw(`alter table api_key add column ${definition}`).execute(transaction);
  };
  await add("owner_kind text not null default 'user'");
  await add("type text not null default 'SCOPED'");
  for (const name of ['grants', 'project_ids', 'environment_ids', 'ip_ranges']) {
    await add(`${name} text`);
  }
  await add('rotations integer not null default 0');
  await add('rotated_at bigint');
  await add('former_hash text');
  await add('former_pepper_version text');
  await add('former_until bigint');
  await sql`
    update api_key set type = case
      when ' ' || scopes || ' ' like '% read:all %' and ' ' || scopes || ' ' like '% write:all %' then 'FULL_ACCESS'
      when scopes = 'read:all' then 'READ_ONLY'
      else 'SCOPED' end`.execute(transaction);
  const { schema } = transaction;
  await schema
    .createIndex('api_key_former_hash')
    .on('api_key')
    .column('former_hash')
    .unique()
    .execute();
  await schema
    .createIndex('api_key_of_organization')
    .on('api_key')
    .columns(['organization_id', 'created_at', 'id'])
    .execute();
}

const key = {
  table: 'api_key',
  on: 'update',
  touches: 'credential',
  id: 'new.id',
  subject: 'new.owner_id',
  organization: 'new.organization_id',
} as const satisfies Partial<LoggedChange>;

/** What an update may change of a key, each as the record of it says it. */
const edited = {
  name: 'name',
  scopes: 'scopes',
  grants: 'grants',
  expiresAt: 'expires_at',
  projectIds: 'project_ids',
  environmentIds: 'environment_ids',
  ipRanges: 'ip_ranges',
};

const account = (row: 'new' | 'old') =>
  ({
    table: 'service_account',
    touches: 'subject',
    id: `${row}.id`,
    subject: `${row}.id`,
    organization: `${row}.organization_id`,
    detail: { name: `${row}.name`, role: `${row}.role` },
  }) as const satisfies Partial<LoggedChange>;

const policy = {
  table: 'organization_key_policy',
  touches: null,
  id: 'new.organization_id',
  organization: 'new.organization_id',
  detail: {
    defaultExpiresIn: 'new.default_expires_in',
    maxExpiresIn: 'new.max_expires_in',
    allowNever: 'new.allow_never',
    maxPersonalKeys: 'new.max_personal_keys',
    maxServiceAccountKeys: 'new.max_service_account_keys',
  },
} as const satisfies Partial<LoggedChange>;

const loggedChanges: readonly LoggedChange[] = [
  {
    ...key,
    of: Object.values(edited),
    when: Object.values(edited)
      .map((column) => `old.${column} is distinct from new.${column}`)
      .join(' or '),
    action: 'key.updated',
    detail: {
      ...Object.fromEntries(
        Object.entries(edited).map(([name, column]) => [name, `new.${column}`]),
      ),
      before: 'old.scopes',
    },
  },
  {
    ...key,
    of: ['rotations'],
    when: 'old.rotations <> new.rotations',
    action: 'key.rotated',
    detail: { prefix: 'new.prefix', before: 'old.prefix', formerUntil: 'new.former_until' },
  },
  { ...account('new'), on: 'insert', action: 'service_account.created' },
  {
    ...account('new'),
    on: 'update',
    of: ['name', 'description', 'role'],
    when: 'old.name <> new.name or old.description <> new.description or old.role <> new.role',
    action: 'service_account.updated',
  },
  {
    ...account('new'),
    on: 'update',
    of: ['suspended_at'],
    when: 'old.suspended_at is null and new.suspended_at is not null',
    action: 'service_account.suspended',
  },
  {
    ...account('new'),
    on: 'update',
    of: ['suspended_at'],
    when: 'old.suspended_at is not null and new.suspended_at is null',
    action: 'service_account.resumed',
  },
  { ...account('old'), on: 'delete', action: 'service_account.removed' },
  { ...policy, on: 'insert', action: 'key_policy.made' },
  { ...policy, on: 'update', action: 'key_policy.changed' },
];
