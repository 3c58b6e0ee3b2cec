import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import { newId } from '#contract/ids.ts';
import { type Allowed, allowsRecord, type Conditional } from '#contract/permissions/decide.ts';
import {
  isUniqueViolation,
  type RecordColumns,
  recordFacts,
  refusal,
  requireRecord,
  requireRows,
  rowsFor,
  type SubgraphContext,
} from '#subgraphs/kit/index.ts';
import type { ContentDatabase } from '../database/tables.ts';
import type { Post } from './post.ts';
import { selectedColumns } from './post-reader.ts';
import { isOwn, isWithinReach } from './reach.ts';
import { invalid, type PostChanges, type PostInput, readPostInput } from './read-post-input.ts';

/**
 * Changes posts, in the name of whoever calls.
 *
 * All of it fails with UNAUTHENTICATED or FORBIDDEN for who may not do it, with NOT_FOUND for a post that there is
 * not or that they may not see, with BAD_USER_INPUT for what does not fit, and with NAME_TAKEN for a slug that another
 * post of the language has.
 */
export interface PostWriter {
  create(context: SubgraphContext, input: PostInput): Promise<Post>;
  update(context: SubgraphContext, id: string, changes: PostChanges): Promise<Post>;
  /** The post as it was. */
  delete(context: SubgraphContext, id: string): Promise<Post>;
  publish(context: SubgraphContext, id: string): Promise<Post>;
  unpublish(context: SubgraphContext, id: string): Promise<Post>;
}

export interface PostWriterParts {
  readonly database: ContentDatabase;
  readonly columns: RecordColumns;
  readonly clock: Clock;
}

type ChangingAction = 'UPDATE' | 'DELETE' | 'PUBLISH' | 'UNPUBLISH';

const post = { type: 'Post' };

export function createPostWriter({ database, columns, clock }: PostWriterParts): PostWriter {
  /** Reads a post, has `change` say what becomes of it (null for nothing), and writes that, at one moment. */
  async function change(
    context: SubgraphContext,
    action: ChangingAction,
    id: string,
    become: (before: Post) => Post | null,
  ): Promise<Post> {
    const rows = requireRows(context, action, post);
    return orTaken(() =>
      database.transaction().execute(async (transaction) => {
        const found = transaction.selectFrom('content_post').select(selectedColumns);
        const before = await found
          .where('id', '=', id)
          // On SQLite a transaction begins with the write lock.
          .$if(columns.dialect === 'postgres', (query) => query.forUpdate())
          .executeTakeFirst();
        if (before === undefined) throw notFound();
        requireTouch(context, action, rows, before);
        const after = become(before);
        if (after === null) {
          await transaction.deleteFrom('content_post').where('id', '=', id).execute();
        } else if (after !== before) {
          const { id: _, ...values } = rowOf(after);
          await transaction.updateTable('content_post').set(values).where('id', '=', id).execute();
        }
        return after ?? before;
      }),
    );
  }

  /** A post that they may see is one that they may not touch; any other is not there. */
  function requireTouch(
    context: SubgraphContext,
    action: ChangingAction,
    rows: Allowed | Conditional,
    before: Post,
  ): void {
    const facts = recordFacts(columns, before);
    if (isOwn(before, context.caller) && allowsRecord(rows, facts)) return;
    const isVisible =
      isWithinReach(before, context.caller) && allowsRecord(rowsFor(context, 'READ', post), facts);
    throw isVisible ? refusal(context, action, post) : notFound();
  }

  return {
    async create(context, input) {
      requireRows(context, 'CREATE', post);
      const { subject, organization } = context.caller;
      // It would be nobody's.
      if (subject === null && organization === null) throw refusal(context, 'CREATE', post);
      const created: Post = {
        ...readPostInput(input),
        id: newId('post'),
        authorId: subject,
        organizationId: organization,
        createdAt: clock.now(),
        publishedAt: null,
      };
      requireRecord(context, 'CREATE', post, recordFacts(columns, created));
      await orTaken(() => database.insertInto('content_post').values(rowOf(created)).execute());
      return created;
    },

    async update(context, id, input) {
      requireRows(context, 'UPDATE', post);
      const changes = readPostInput(input);
      const fields = Object.keys(changes);
      if (fields.length === 0) {
        throw new CodedError('BAD_USER_INPUT', 'There is nothing to be changed', {
          extensions: { argument: 'input' },
        });
      }
      return change(context, 'UPDATE', id, (before) => {
        const after = { ...before, ...changes };
        // Neither out of what they may change, nor into it.
        for (const each of [before, after]) {
          const facts = recordFacts(columns, each);
          for (const field of fields) requireRecord(context, 'UPDATE', { ...post, field }, facts);
        }
        if (changes.stage !== undefined && before.stage === 'PUBLISHED') {
          throw invalid('stage', 'of a published post is changed by unpublishPost');
        }
        return after;
      });
    },

    delete: (context, id) => change(context, 'DELETE', id, () => null),

    publish: (context, id) =>
      change(context, 'PUBLISH', id, (before) =>
        before.stage === 'PUBLISHED'
          ? before
          : { ...before, stage: 'PUBLISHED', publishedAt: clock.now() },
      ),

    unpublish: (context, id) =>
      change(context, 'UNPUBLISH', id, (before) =>
        before.stage === 'PUBLISHED' ? { ...before, stage: 'DRAFT', publishedAt: null } : before,
      ),
  };
}

function rowOf({ authorId, organizationId, createdAt, publishedAt, ...rest }: Post) {
  return {
    ...rest,
    author_id: authorId,
    organization_id: organizationId,
    created_at: createdAt,
    published_at: publishedAt,
  };
}

function notFound(): CodedError {
  return new CodedError('NOT_FOUND', 'There is no such post');
}

async function orTaken<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new CodedError('NAME_TAKEN', 'Another post in this language has this slug', {
      extensions: { argument: 'input.slug' },
    });
  }
}
