import { sql } from 'kysely';
import { createBatch } from '#subgraphs/kit/index.ts';
import type { ContentDatabase } from '../database/tables.ts';
import type { Post, Stage } from './post.ts';

export interface PostFilter {
  readonly stage: Stage;
  readonly locale: string | null;
  readonly first: number;
}

export interface PostReader {
  find(id: string): Promise<Post | undefined>;
  /** Newest first. */
  list(filter: PostFilter): Promise<readonly Post[]>;
  /** Newest first. The authors that one list asks for are one query. */
  listOfAuthor(authorId: string, filter: PostFilter): Promise<readonly Post[]>;
}

const columns = [
  'id',
  'title',
  'body',
  'slug',
  'stage',
  'locale',
  'author_id as authorId',
  'created_at as createdAt',
  'published_at as publishedAt',
] as const;

export function createPostReader(database: ContentDatabase): PostReader {
  const find = createBatch(async (ids: readonly string[]) => {
    const rows = await database
      .selectFrom('content_post')
      .select(columns)
      .where('id', 'in', ids)
      .execute();
    return new Map(rows.map((post) => [post.id, post]));
  });

  const listOfAuthors = createBatch(async (keys: readonly string[]) => {
    const lists = new Map<string, readonly Post[]>();
    for (const [filterText, group] of Map.groupBy(keys.map(readAuthorKey), (key) => key[1])) {
      const filter: PostFilter = JSON.parse(filterText);
      const authors = group.map(([authorId]) => authorId);
      const posts = Map.groupBy(await postsOfAuthors(database, authors, filter), (p) => p.authorId);
      for (const [author, list] of posts) lists.set(authorKey(author, filterText), list);
    }
    return lists;
  });

  return {
    find,
    list({ stage, locale, first }) {
      let query = database.selectFrom('content_post').select(columns).where('stage', '=', stage);
      if (locale !== null) query = query.where('locale', '=', locale);
      return query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(first).execute();
    },
    async listOfAuthor(authorId, { stage, locale, first }) {
      const filterText = JSON.stringify({ stage, locale, first } satisfies PostFilter);
      return (await listOfAuthors(authorKey(authorId, filterText))) ?? [];
    },
  };
}

function postsOfAuthors(
  database: ContentDatabase,
  authors: readonly string[],
  { stage, locale, first }: PostFilter,
): Promise<readonly Post[]> {
  let posts = database
    .selectFrom('content_post')
    .select(columns)
    .select(
      sql<number>`row_number() over (partition by author_id order by created_at desc, id desc)`.as(
        'place',
      ),
    )
    .where('author_id', 'in', authors)
    .where('stage', '=', stage);
  if (locale !== null) posts = posts.where('locale', '=', locale);
  return database
    .selectFrom(posts.as('placed'))
    .select([
      'id',
      'title',
      'body',
      'slug',
      'stage',
      'locale',
      'authorId',
      'createdAt',
      'publishedAt',
    ])
    .where('place', '<=', first)
    .orderBy('place')
    .execute();
}

/** An author and a filter as one text, so that equal wishes are the same key. */
function authorKey(authorId: string, filterText: string): string {
  return JSON.stringify([authorId, filterText]);
}

function readAuthorKey(key: string): readonly [authorId: string, filterText: string] {
  return JSON.parse(key);
}
