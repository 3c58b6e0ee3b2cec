import { sql } from 'kysely';
import {
  createBatch,
  type RecordColumns,
  requireRows,
  rowCondition,
  rowsFor,
  type SubgraphContext,
} from '#subgraphs/kit/index.ts';
import type { ContentDatabase } from '../database/tables.ts';
import type { Post } from './post.ts';
import { withinReach } from './reach.ts';

export interface PostFilter {
  readonly stage: string;
  /** Any of these languages; null for all. */
  readonly locales: readonly string[] | null;
  readonly first: number;
}

/**
 * Posts as one caller may see them. What they may not see is not there.
 *
 * All of it fails with UNAUTHENTICATED or FORBIDDEN for a caller who may see none of what is asked for.
 */
export interface PostReader {
  /** @param wanted what it has to be; left out, anything */
  find(id: string, wanted?: Partial<PostFilter>): Promise<Post | undefined>;
  /** Newest first. */
  list(filter: PostFilter): Promise<readonly Post[]>;
  /** Newest first. The authors that one list asks for are one query. */
  listOfAuthor(authorId: string, filter: PostFilter): Promise<readonly Post[]>;
}

type Asker = Pick<SubgraphContext, 'caller' | 'subgraph'>;

const post = { type: 'Post' };

const names = [
  'id',
  'title',
  'body',
  'slug',
  'stage',
  'locale',
  'authorId',
  'organizationId',
  'createdAt',
  'publishedAt',
] as const;

/** The columns of a post under the names that it has in the graph. */
export const selectedColumns = [
  'id',
  'title',
  'body',
  'slug',
  'stage',
  'locale',
  'author_id as authorId',
  'organization_id as organizationId',
  'created_at as createdAt',
  'published_at as publishedAt',
] as const;

/** The reader of each caller. What one of them asks for in one turn is one query; nobody else's joins it. */
export function createPostReaders(
  database: ContentDatabase,
  columns: RecordColumns,
): (context: Asker) => PostReader {
  const readers = new WeakMap<Asker['caller'], PostReader>();
  return ({ caller, subgraph }) => {
    let reader = readers.get(caller);
    if (reader === undefined) {
      reader = createPostReader(database, columns, { caller, subgraph });
      readers.set(caller, reader);
    }
    return reader;
  };
}

function createPostReader(
  database: ContentDatabase,
  columns: RecordColumns,
  asker: Asker,
): PostReader {
  /** What the rest of a query narrows: the caller's rows of one stage and language, or of all. */
  const visible = (asked: Partial<PostFilter>) => {
    const { stage, locales } = asked;
    const rows = rowsFor(asker, 'READ', post, { stage, locale: onlyOf(locales) });
    let query = database
      .selectFrom('content_post')
      .select(selectedColumns)
      .where(withinReach(asker.caller, stage))
      .where(rowCondition(rows, columns));
    if (stage !== undefined) query = query.where(sql.ref('stage'), '=', stage);
    if (locales != null) query = query.where('locale', 'in', locales);
    return query;
  };

  const find = createBatch(async (ids: readonly string[]) => {
    const posts = await visible({}).where('id', 'in', ids).execute();
    return new Map(posts.map((each) => [each.id, each]));
  });

  const listOfAuthors = createBatch(async (keys: readonly string[]) => {
    const lists = new Map<string, readonly Post[]>();
    for (const [wish, authors] of grouped(keys)) {
      const placed = visible(wish)
        .select(
          sql<number>`row_number() over (partition by author_id order by created_at desc, id desc)`.as(
            'place',
          ),
        )
        .where('author_id', 'in', authors);
      const posts = await database
        .selectFrom(placed.as('placed'))
        .select(names)
        .where('place', '<=', wish.first)
        .orderBy('place')
        .execute();
      for (const [author, list] of Map.groupBy(posts, ({ authorId }) => authorId ?? '')) {
        lists.set(keyOf(wish, author), list);
      }
    }
    return lists;
  });

  const check = ({ stage, locales }: Partial<PostFilter>): void => {
    requireRows(asker, 'READ', post, { stage, locale: onlyOf(locales) });
  };

  return {
    async find(id, wanted = {}) {
      check(wanted);
      const { stage, locales } = wanted;
      const found = await find(id);
      if (found === undefined || (stage !== undefined && found.stage !== stage)) return undefined;
      return locales == null || locales.includes(found.locale) ? found : undefined;
    },
    async list(filter) {
      check(filter);
      return visible(filter)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(filter.first)
        .execute();
    },
    async listOfAuthor(authorId, filter) {
      check(filter);
      return (await listOfAuthors(keyOf(filter, authorId))) ?? [];
    },
  };
}

/** The language that all of what is asked for is in; undefined when there may be several. */
function onlyOf(locales: PostFilter['locales'] | undefined): string | undefined {
  return locales?.length === 1 ? locales[0] : undefined;
}

/** A filter and an author as one text, so that equal look-ups are the same key. */
function keyOf({ stage, locales, first }: PostFilter, authorId: string): string {
  return JSON.stringify([JSON.stringify({ stage, locales, first }), authorId]);
}

/** The authors of many keys by their filter: each filter is one query. */
function* grouped(
  keys: readonly string[],
): Iterable<readonly [filter: PostFilter, authors: readonly string[]]> {
  const pairs = keys.map((key): readonly [filter: string, author: string] => JSON.parse(key));
  for (const [filter, group] of Map.groupBy(pairs, ([filter]) => filter)) {
    yield [JSON.parse(filter), group.map(([, author]) => author)];
  }
}
