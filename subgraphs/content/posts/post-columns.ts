import type { Dialect, RecordColumns } from '#subgraphs/kit/index.ts';

/** What grants on posts can ask about. */
export function postColumns(dialect: Dialect): RecordColumns {
  return {
    dialect,
    stage: 'stage',
    locale: 'locale',
    fields: {
      id: { column: 'content_post.id', kind: 'text' },
      title: { column: 'content_post.title', kind: 'text' },
      body: { column: 'content_post.body', kind: 'text' },
      slug: { column: 'content_post.slug', kind: 'text' },
      stage: { column: 'content_post.stage', kind: 'text' },
      locale: { column: 'content_post.locale', kind: 'text' },
      authorId: { column: 'content_post.author_id', kind: 'text' },
      createdAt: { column: 'content_post.created_at', kind: 'instant' },
      publishedAt: { column: 'content_post.published_at', kind: 'instant' },
    },
  };
}
