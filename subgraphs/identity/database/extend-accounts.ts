import type { Dialect, MigrationTransaction } from '#subgraphs/kit/index.ts';
import { type LoggedChange, logChanges } from '../log/log-changes.ts';

/** Step 0006: when sessions were seen, who owns the deployment, what is tried too often. Never changed any more. */
export async function extendAccounts(
  transaction: MigrationTransaction,
  dialect: Dialect,
): Promise<void> {
  const { schema } = transaction;
  await schema.alterTable('session').addColumn('seen_at', 'bigint').execute();
  await schema
    .createIndex('session_of_user')
    .on('session')
    .columns(['userId', 'createdAt', 'id'])
    .execute();
  await schema
    .createTable('deployment_owner')
    .addColumn('user_id', 'text', (column) =>
      column.primaryKey().references('user.id').onDelete('cascade'),
    )
    .addColumn('made_at', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createTable('throttle')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('count', 'integer', (column) => column.notNull())
    .addColumn('blocked_until', 'bigint', (column) => column.notNull())
    .addColumn('forget_at', 'bigint', (column) => column.notNull())
    .execute();
  await schema.createIndex('throttle_to_forget').on('throttle').column('forget_at').execute();
  await logChanges(transaction, dialect, accountChanges);
}

const user = {
  table: 'user',
  on: 'update',
  touches: 'subject',
  id: 'new.id',
  subject: 'new.id',
} as const satisfies Partial<LoggedChange>;

const account = {
  table: 'account',
  touches: null,
  id: 'new."userId"',
  subject: 'new."userId"',
} as const satisfies Partial<LoggedChange>;

/** Neither addresses nor what proves anything is in the log: who, what and when. */
const accountChanges: readonly LoggedChange[] = [
  {
    ...user,
    of: ['suspendedAt'],
    when: 'old."suspendedAt" is null and new."suspendedAt" is not null',
    action: 'user.suspended',
  },
  {
    ...user,
    of: ['suspendedAt'],
    when: 'old."suspendedAt" is not null and new."suspendedAt" is null',
    action: 'user.restored',
  },
  {
    ...user,
    of: ['email'],
    when: 'old.email <> new.email',
    action: 'user.email_changed',
    touches: null,
  },
  {
    ...user,
    of: ['twoFactorEnabled'],
    when: 'new."twoFactorEnabled" is not null and (old."twoFactorEnabled" is null or old."twoFactorEnabled" <> new."twoFactorEnabled")',
    action: 'user.two_factor_changed',
    touches: null,
  },
  {
    ...account,
    on: 'update',
    of: ['password'],
    when: "new.password is not null and coalesce(old.password, '') <> new.password",
    action: 'user.password_changed',
  },
  {
    ...account,
    on: 'insert',
    when: `new."providerId" <> 'credential'`,
    action: 'user.provider_linked',
    detail: { provider: 'new."providerId"' },
  },
  {
    table: 'deployment_owner',
    on: 'insert',
    action: 'deployment.owner_added',
    touches: 'subject',
    id: 'new.user_id',
    subject: 'new.user_id',
  },
];
