import { sql } from 'kysely';
import { type Dialect, type Migrations, makeChangeContext } from '#subgraphs/kit/index.ts';
import { makeChain } from '../audit/make-chain.ts';
import { logChanges } from '../log/log-changes.ts';
import { makeLog } from '../log/make-log.ts';
import { notifyOfLog } from '../log/notify-of-log.ts';
import { extendAccounts } from './extend-accounts.ts';
import { extendOrganizations } from './extend-organizations.ts';
import { makeKeyCare } from './key-care.ts';
import { makeKeyLife } from './key-life.ts';
import { makeKeyNoticesAndPlaces } from './key-notices-and-places.ts';
import { makeKeySessions } from './key-sessions.ts';
import { firstLoggedChanges } from './logged-changes.ts';
import { makePolicies } from './make-policies.ts';
import { numberKeys } from './number-keys.ts';

/** Identity's own tables, after better-auth's. A step that has shipped is never changed; add one instead. */
export const migrations = (dialect: Dialect): Migrations => ({
  async '0001-projects'(transaction) {
    const { schema } = transaction;
    await schema
      .createTable('project')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('organization_id', 'text', (column) =>
        column.notNull().references('organization.id').onDelete('cascade'),
      )
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addUniqueConstraint('project_name', ['organization_id', 'name'])
      .execute();
    await schema
      .createTable('environment')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('project_id', 'text', (column) =>
        column.notNull().references('project.id').onDelete('cascade'),
      )
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addUniqueConstraint('environment_name', ['project_id', 'name'])
      .execute();
  },

  async '0002-api-keys'(transaction) {
    const { schema } = transaction;
    // No reference to the owner: the record of a key outlives the person, whose keys stop with them.
    await schema
      .createTable('api_key')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('prefix', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull().unique())
      .addColumn('pepper_version', 'text', (column) => column.notNull())
      .addColumn('scopes', 'text', (column) => column.notNull())
      .addColumn('owner_id', 'text', (column) => column.notNull())
      .addColumn('organization_id', 'text')
      .addColumn('made_by', 'text', (column) => column.references('api_key.id'))
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('revoked_at', 'bigint')
      .execute();
    await schema
      .createIndex('api_key_of_owner')
      .on('api_key')
      .columns(['owner_id', 'created_at', 'id'])
      .execute();
    await schema.createIndex('api_key_made_by').on('api_key').column('made_by').execute();
  },

  async '0003-first-run'(transaction) {
    await transaction.schema
      .createTable('first_run')
      .addColumn('id', 'integer', (column) => column.primaryKey().check(sql`id = 1`))
      .addColumn('pid', 'bigint', (column) => column.notNull())
      .addColumn('host', 'text', (column) => column.notNull())
      .addColumn('started_at', 'bigint', (column) => column.notNull())
      .execute();
  },

  async '0004-log'(transaction) {
    await makeChangeContext(transaction, dialect);
    await makeLog(transaction, dialect);
    await logChanges(transaction, dialect, firstLoggedChanges);
  },

  '0005-organizations': (transaction) => extendOrganizations(transaction, dialect),

  '0006-accounts': (transaction) => extendAccounts(transaction, dialect),

  '0007-key-life': (transaction) => makeKeyLife(transaction, dialect),

  '0008-key-care': (transaction) => makeKeyCare(transaction, dialect),

  '0009-policies': (transaction) => makePolicies(transaction, dialect),

  async '0010-audit-chain'(transaction) {
    await makeChain(transaction, dialect);
  },

  async '0011-notify-of-log'(transaction) {
    await notifyOfLog(transaction, dialect);
  },

  '0012-key-notices-and-places': (transaction) => makeKeyNoticesAndPlaces(transaction, dialect),

  '0013-key-numbers': (transaction) => numberKeys(transaction, dialect),

  '0014-key-sessions': (transaction) => makeKeySessions(transaction, dialect),
});
