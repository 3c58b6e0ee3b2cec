import { sql } from 'kysely';
import type { Migrations } from '#subgraphs/kit/index.ts';

/** A step that has shipped is never changed; add one instead. */
export const migrations: Migrations = {
  async '0001-posts'(transaction) {
    const { schema } = transaction;
    await schema
      .createTable('content_post')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('title', 'text', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('slug', 'text', (column) => column.notNull())
      .addColumn('stage', 'text', (column) => column.notNull())
      .addColumn('locale', 'text', (column) => column.notNull())
      .addColumn('author_id', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('published_at', 'bigint')
      .addUniqueConstraint('content_post_slug', ['locale', 'slug'])
      .execute();
    await schema
      .createIndex('content_post_by_stage')
      .on('content_post')
      .columns(['stage', 'created_at', 'id'])
      .execute();
    await schema
      .createIndex('content_post_by_author')
      .on('content_post')
      .columns(['author_id', 'stage', 'created_at', 'id'])
      .execute();
  },
  /** Posts of an organization; those of nobody who is known have no author. */
  async '0002-organizations'(transaction) {
    const { schema } = transaction;
    // SQLite cannot take "not null" from a column.
    await schema
      .createTable('content_post_next')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('title', 'text', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('slug', 'text', (column) => column.notNull())
      .addColumn('stage', 'text', (column) => column.notNull())
      .addColumn('locale', 'text', (column) => column.notNull())
      .addColumn('author_id', 'text')
      .addColumn('organization_id', 'text')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('published_at', 'bigint')
      .addUniqueConstraint('content_post_slug_taken', ['locale', 'slug'])
      .execute();
    await sql`insert into content_post_next
      select id, title, body, slug, stage, locale, author_id, null, created_at, published_at
      from content_post`.execute(transaction);
    await schema.dropTable('content_post').execute();
    await schema.alterTable('content_post_next').renameTo('content_post').execute();
    await schema
      .createIndex('content_post_by_stage')
      .on('content_post')
      .columns(['stage', 'created_at', 'id'])
      .execute();
    await schema
      .createIndex('content_post_by_author')
      .on('content_post')
      .columns(['author_id', 'stage', 'created_at', 'id'])
      .execute();
    await schema
      .createIndex('content_post_by_organization')
      .on('content_post')
      .columns(['organization_id', 'stage', 'created_at', 'id'])
      .execute();
  },
};
