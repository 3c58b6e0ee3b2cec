import type { Kysely } from 'kysely';
import type { Database } from '#subgraphs/kit/index.ts';
import type { Stage } from '../posts/post.ts';

export interface ContentTables {
  content_post: PostTable;
}

export type ContentDatabase = Kysely<ContentTables>;

/** Times are milliseconds since the epoch. */
interface PostTable {
  id: string;
  title: string;
  body: string;
  slug: string;
  stage: Stage;
  locale: string;
  /** Null for a post of somebody who was not known. */
  author_id: string | null;
  /** Whose it is. Without one it is its author's. */
  organization_id: string | null;
  created_at: number;
  published_at: number | null;
}

/** The same store, with the content tables named. */
export function contentDatabase(database: Database): ContentDatabase {
  return database.$extendTables<{ [Name in keyof ContentTables]: ContentTables[Name] }>();
}
