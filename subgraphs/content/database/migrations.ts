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
};
