import { sql } from 'kysely';
import type { Dialect, MigrationTransaction } from '#subgraphs/kit/index.ts';
import { type LoggedChange, logChanges } from '../log/log-changes.ts';

/**
 * Step 0009: scopes of an organization's own, what it lets its roles do, and what an environment lets everybody.
 * The class of a key follows from `is_production` alone.
 */
export async function makePolicies(
  transaction: MigrationTransaction,
  dialect: Dialect,
): Promise<void> {
  const { schema } = transaction;
  await schema
    .createTable('organization_scope')
    .addColumn('organization_id', 'text', (column) =>
      column.notNull().references('organization.id').onDelete('cascade'),
    )
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('grants', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('organization_scope_name', ['organization_id', 'name'])
    .execute();
  await schema
    .createTable('organization_role_grants')
    .addColumn('organization_id', 'text', (column) =>
      column.notNull().references('organization.id').onDelete('cascade'),
    )
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('grants', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('organization_role_grants_role', ['organization_id', 'role'])
    .execute();
  await schema
    .createTable('environment_policy')
    .addColumn('environment_id', 'text', (column) =>
      column.primaryKey().references('environment.id').onDelete('cascade'),
    )
    .addColumn('public_grants', 'text', (column) => column.notNull())
    .addColumn('default_stage', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  // Until now the names of these said so.
  await sql`
    update environment set is_production = 1
    where is_production = 0 and name in ('master', 'main', 'production', 'live')`.execute(
    transaction,
  );
  await logChanges(transaction, dialect, policyChanges);
}

const scope = (row: 'new' | 'old') =>
  ({
    table: 'organization_scope',
    touches: 'organization',
    id: `${row}.organization_id`,
    organization: `${row}.organization_id`,
    detail: { name: `${row}.name`, grants: `${row}.grants` },
  }) as const satisfies Partial<LoggedChange>;

const role = (row: 'new' | 'old') =>
  ({
    table: 'organization_role_grants',
    touches: 'organization',
    id: `${row}.organization_id`,
    organization: `${row}.organization_id`,
    detail: { role: `${row}.role`, grants: `${row}.grants` },
  }) as const satisfies Partial<LoggedChange>;

const environment = {
  table: 'environment_policy',
  touches: 'environment',
  id: 'new.environment_id',
  organization: `(select project.organization_id from environment
    join project on project.id = environment.project_id where environment.id = new.environment_id)`,
  detail: { publicGrants: 'new.public_grants', defaultStage: 'new.default_stage' },
} as const satisfies Partial<LoggedChange>;

const policyChanges: readonly LoggedChange[] = [
  { ...scope('new'), on: 'insert', action: 'scope.defined' },
  {
    ...scope('new'),
    on: 'update',
    of: ['grants'],
    when: 'old.grants <> new.grants',
    action: 'scope.changed',
    detail: { name: 'new.name', grants: 'new.grants', before: 'old.grants' },
  },
  { ...scope('old'), on: 'delete', action: 'scope.removed' },
  { ...role('new'), on: 'insert', action: 'role_grants.set' },
  {
    ...role('new'),
    on: 'update',
    of: ['grants'],
    when: 'old.grants <> new.grants',
    action: 'role_grants.changed',
    detail: { role: 'new.role', grants: 'new.grants', before: 'old.grants' },
  },
  { ...role('old'), on: 'delete', action: 'role_grants.cleared' },
  { ...environment, on: 'insert', action: 'environment_policy.made' },
  {
    ...environment,
    on: 'update',
    of: ['public_grants', 'default_stage'],
    when: 'old.public_grants <> new.public_grants or old.default_stage <> new.default_stage',
    action: 'environment_policy.changed',
    detail: {
      publicGrants: 'new.public_grants',
      publicGrantsBefore: 'old.public_grants',
      defaultStage: 'new.default_stage',
      defaultStageBefore: 'old.default_stage',
    },
  },
];
