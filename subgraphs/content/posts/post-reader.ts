import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import { createBatch } from '#subgraphs/kit/index.ts';
import type { ContentDatabase, ContentTables } from '../database/tables.ts';
import type { Post, Stage } from './post.ts';

export interface PostFilter {
  readonly stage: Stage;
  readonly locale: string | null;
  readonly first: number;
}

/** Who looks: their id, null for somebody unknown. */
export type Viewer = string | null;

/** Posts as a viewer may see them: the published ones, and their own. What they may not see is not there. */
export interface PostReader {
  find(viewer: Viewer, id: string): Promise<Post | undefined>;
  /** Newest first. */
  list(viewer: Viewer, filter: PostFilter): Promise<readonly Post[]>;
  /** Newest first. The authors that one list asks for are one query. */
  listOfAuthor(viewer: Viewer, authorId: string, filter: PostFilter): Promise<readonly Post[]>;
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
  const find = createBatch(async (keys: readonly string[]) => {
    const found = new Map<string, Post>();
    for (const [viewer, ids] of grouped<Viewer>(keys)) {
      const posts = await database
        .selectFrom('content_post')
        .select(columns)
        .where('id', 'in', ids)
        .where(visibleTo(viewer))
        .execute();
      for (const post of posts) found.set(keyOf(viewer, post.id), post);
    }
    return found;
  });

  const listOfAuthors = createBatch(async (keys: readonly string[]) => {
    const lists = new Map<string, readonly Post[]>();
    for (const [wish, authors] of grouped<Wish>(keys)) {
      const posts = await postsOfAuthors(database, authors, wish);
      for (const [author, list] of Map.groupBy(posts, ({ authorId }) => authorId)) {
        lists.set(keyOf(wish, author), list);
      }
    }
    return lists;
  });

  return {
    find: (viewer, id) => find(keyOf(viewer, id)),
    list(viewer, { stage, locale, first }) {
      let query = database
        .selectFrom('content_post')
        .select(columns)
        .where('stage', '=', stage)
        .where(visibleTo(viewer));
      if (locale !== null) query = query.where('locale', '=', locale);
      return query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(first).execute();
    },
    async listOfAuthor(viewer, authorId, { stage, locale, first }) {
      const wish: Wish = { viewer, stage, locale, first };
      return (await listOfAuthors(keyOf(wish, authorId))) ?? [];
    },
  };
}

/** What is not published is for whoever wrote it. */
function visibleTo(viewer: Viewer) {
  return (is: ExpressionBuilder<ContentTables, 'content_post'>): Expression<SqlBool> => {
    const published = is('stage', '=', 'PUBLISHED');
    return viewer === null ? published : published.or('author_id', '=', viewer);
  };
}

function postsOfAuthors(
  database: ContentDatabase,
  authors: readonly string[],
  { viewer, stage, locale, first }: Wish,
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
    .where('stage', '=', stage)
    .where(visibleTo(viewer));
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

interface Wish extends PostFilter {
  readonly viewer: Viewer;
}

/** A condition and an id as one text, so that equal look-ups are the same key. */
function keyOf(condition: Wish | Viewer, id: string): string {
  return JSON.stringify([JSON.stringify(condition), id]);
}

/** The ids of many keys by their condition: each condition is one query. */
function* grouped<Condition extends Wish | Viewer>(
  keys: readonly string[],
): Iterable<readonly [condition: Condition, ids: readonly string[]]> {
  const pairs = keys.map((key): readonly [condition: string, id: string] => JSON.parse(key));
  for (const [condition, group] of Map.groupBy(pairs, ([condition]) => condition)) {
    yield [JSON.parse(condition), group.map(([, id]) => id)];
  }
}
