import { readFileSync } from 'node:fs';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { type Clock, systemClock } from '#contract/clock.ts';
import {
  createSubgraph,
  type Database,
  type Dialect,
  dateTimeScalar,
  migrate,
  type SubgraphClaims,
} from '#subgraphs/kit/index.ts';
import { migrations } from './database/migrations.ts';
import { contentDatabase } from './database/tables.ts';
import { postColumns } from './posts/post-columns.ts';
import { createPostReaders } from './posts/post-reader.ts';
import { createPostWriter } from './posts/post-writer.ts';
import { postResolvers } from './posts/resolvers.ts';
import { type Seeder, seedPosts } from './posts/seed-posts.ts';

export interface ContentOptions {
  /** The one Kysely of this process; it stays open when content is closed. */
  readonly database: Database;
  readonly dialect: Dialect;
  readonly clock?: Clock | undefined;
  readonly claims: SubgraphClaims;
  readonly logger?: FastifyBaseLogger | undefined;
}

export interface RunningContent {
  /** `/graphql` and `/health/*`; not listening yet. */
  readonly app: FastifyInstance;
  /** Puts a few example posts in, as written by this person. Doing it twice changes nothing. */
  seed(seeder: Seeder): Promise<void>;
  close(): Promise<void>;
}

/** The content subgraph: posts by stage and language. The example to copy for a subgraph of one's own. */
export async function createContent(options: ContentOptions): Promise<RunningContent> {
  const { dialect, clock = systemClock, claims, logger } = options;
  await migrate(options.database, dialect, 'content_migration', migrations);
  const database = contentDatabase(options.database);
  const columns = postColumns(dialect);
  const writer = createPostWriter({ database, columns, clock });
  const app = await createSubgraph({
    name: 'content',
    typeDefs: readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'),
    resolvers: [
      { DateTime: dateTimeScalar },
      postResolvers(createPostReaders(database, columns), writer),
    ],
    records: { Post: columns },
    claims,
    clock,
    logger,
    isReady: async () => {
      await sql`select 1`.execute(database);
    },
  });
  return {
    app,
    seed: (seeder) => seedPosts(database, seeder, clock.now()),
    close: () => app.close(),
  };
}
