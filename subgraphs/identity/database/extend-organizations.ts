import type { Dialect, MigrationTransaction } from '#subgraphs/kit/index.ts';
import { type LoggedChange, logChanges } from '../log/log-changes.ts';
import { projectNameKey } from '../projects/project-name.ts';
import type { IdentityTables } from './tables.ts';

/**
 * Step 0005: suspended members, invitations by mail, the organization of a session, names of projects that
 * cannot be taken for one another, and production environments.
 */
export async function extendOrganizations(
  transaction: MigrationTransaction,
  dialect: Dialect,
): Promise<void> {
  const { schema } = transaction;
  await schema.alterTable('member').addColumn('suspended_at', 'bigint').execute();
  await schema
    .createIndex('member_of_organization')
    .unique()
    .on('member')
    .columns(['organizationId', 'userId'])
    .execute();

  await schema.alterTable('invitation').addColumn('token_hash', 'text').execute();
  await schema.alterTable('invitation').addColumn('sent_at', 'bigint').execute();
  await schema
    .createIndex('invitation_token')
    .unique()
    .on('invitation')
    .column('token_hash')
    .execute();
  await schema
    .createTable('invitation_mail')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('organization_id', 'text', (column) => column.notNull())
    .addColumn('sender_id', 'text', (column) => column.notNull())
    .addColumn('email', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  for (const column of ['organization_id', 'sender_id', 'email', 'at']) {
    await schema
      .createIndex(`invitation_mail_by_${column}`)
      .on('invitation_mail')
      .columns([column])
      .execute();
  }

  await schema.alterTable('project').addColumn('name_key', 'text').execute();
  await keyNames(transaction);
  await schema
    .createIndex('project_name_key')
    .unique()
    .on('project')
    .columns(['organization_id', 'name_key'])
    .execute();
  await schema
    .alterTable('environment')
    .addColumn('is_production', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await logChanges(transaction, dialect, organizationChanges);
}

async function keyNames(transaction: MigrationTransaction): Promise<void> {
  const tables = transaction.$extendTables<Pick<IdentityTables, 'project'>>();
  const projects = await tables.selectFrom('project').select(['id', 'name']).execute();
  for (const { id, name } of projects) {
    await tables
      .updateTable('project')
      .set({ name_key: projectNameKey(name) })
      .where('id', '=', id)
      .execute();
  }
}

const member = {
  table: 'member',
  on: 'update',
  of: ['suspended_at'],
  touches: 'subject',
  id: 'new."userId"',
  subject: 'new."userId"',
  organization: 'new."organizationId"',
} as const satisfies Partial<LoggedChange>;

const invitation = {
  table: 'invitation',
  touches: null,
  id: 'new.id',
  organization: 'new."organizationId"',
  detail: { email: 'new.email', role: 'new.role' },
} as const satisfies Partial<LoggedChange>;

const answered = (status: string) =>
  ({
    ...invitation,
    on: 'update',
    of: ['status'],
    when: `old.status <> '${status}' and new.status = '${status}'`,
    action: `invitation.${status}`,
  }) as const satisfies LoggedChange;

const project = (row: 'new' | 'old') =>
  ({
    table: 'project',
    touches: 'project',
    id: `${row}.id`,
    organization: `${row}.organization_id`,
    detail: { name: `${row}.name` },
  }) as const satisfies Partial<LoggedChange>;

const environment = (row: 'new' | 'old') =>
  ({
    table: 'environment',
    touches: 'environment',
    id: `${row}.id`,
    // Null when the whole project goes.
    organization: `(select organization_id from project where id = ${row}.project_id)`,
    detail: {
      name: `${row}.name`,
      project: `${row}.project_id`,
      isProduction: `${row}.is_production`,
    },
  }) as const satisfies Partial<LoggedChange>;

const organizationChanges: readonly LoggedChange[] = [
  {
    ...member,
    when: 'old.suspended_at is null and new.suspended_at is not null',
    action: 'member.suspended',
  },
  {
    ...member,
    when: 'old.suspended_at is not null and new.suspended_at is null',
    action: 'member.reactivated',
  },
  {
    table: 'organization',
    on: 'update',
    of: ['name', 'slug'],
    when: 'old.name <> new.name or old.slug <> new.slug',
    action: 'organization.renamed',
    touches: 'organization',
    id: 'new.id',
    organization: 'new.id',
    detail: {
      name: 'new.name',
      slug: 'new.slug',
      nameBefore: 'old.name',
      slugBefore: 'old.slug',
    },
  },
  {
    table: 'session',
    on: 'update',
    of: ['activeOrganizationId'],
    when: 'old."activeOrganizationId" is distinct from new."activeOrganizationId"',
    action: 'session.switched',
    touches: 'credential',
    id: 'new.id',
    subject: 'new."userId"',
    organization: 'new."activeOrganizationId"',
  },
  { ...invitation, on: 'insert', action: 'invitation.sent' },
  {
    ...invitation,
    on: 'update',
    of: ['token_hash'],
    when: 'old.token_hash <> new.token_hash',
    action: 'invitation.sent_again',
  },
  answered('accepted'),
  answered('declined'),
  answered('revoked'),
  { ...project('new'), on: 'insert', action: 'project.created' },
  {
    ...project('new'),
    on: 'update',
    of: ['name'],
    when: 'old.name <> new.name',
    action: 'project.renamed',
    detail: { name: 'new.name', before: 'old.name' },
  },
  { ...project('old'), on: 'delete', action: 'project.removed' },
  { ...environment('new'), on: 'insert', action: 'environment.created' },
  {
    ...environment('new'),
    on: 'update',
    of: ['name', 'is_production'],
    when: 'old.name <> new.name or old.is_production <> new.is_production',
    action: 'environment.changed',
  },
  { ...environment('old'), on: 'delete', action: 'environment.removed' },
];
