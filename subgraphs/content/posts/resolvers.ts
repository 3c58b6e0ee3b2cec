import type { Caller } from '#contract/caller.ts';
import { CodedError } from '#contract/errors.ts';
import {
  allowsRecord,
  type Resolvers,
  readPageSize,
  readRight,
  refusal,
  resolveReference,
  type SubgraphContext,
} from '#subgraphs/kit/index.ts';
import { type Post, type Stage, stages } from './post.ts';
import type { PostFilter, PostReader } from './post-reader.ts';
import type { PostWriter } from './post-writer.ts';
import type { PostChanges, PostInput } from './read-post-input.ts';

interface PostsArguments {
  readonly stage?: Stage | null;
  readonly locale?: string | null;
  readonly first: number;
}

interface Named {
  readonly id: string;
}

export function postResolvers(
  readerOf: (context: SubgraphContext) => PostReader,
  writer: PostWriter,
): Resolvers {
  return {
    Query: {
      async posts(_: unknown, args: PostsArguments, context) {
        return readerOf(context).list(filterOf(args, context.caller));
      },
      async post(_: unknown, { id, stage }: Named & Pick<PostsArguments, 'stage'>, context) {
        const { caller } = context;
        // Whoever is in no environment means no stage of one.
        const usual = caller.defaultStage === null ? null : defaultStageOf(caller);
        const wanted = stage ?? usual;
        const locales = caller.locales ?? null;
        const filter = wanted === null ? { locales } : { stage: wanted, locales };
        return (await readerOf(context).find(id, filter)) ?? null;
      },
    },
    Mutation: {
      createPost: (_: unknown, { input }: { readonly input: PostInput }, context) =>
        writer.create(context, input),
      updatePost: (_: unknown, { id, input }: Named & { readonly input: PostChanges }, context) =>
        writer.update(context, id, input),
      deletePost: (_: unknown, { id }: Named, context) => writer.delete(context, id),
      publishPost: (_: unknown, { id }: Named, context) => writer.publish(context, id),
      unpublishPost: (_: unknown, { id }: Named, context) => writer.unpublish(context, id),
    },
    Post: {
      __resolveReference: resolveReference(async ({ id }, context) => {
        return (await readerOf(context).find(id)) ?? null;
      }),
      // Identity knows the rest of them.
      author: ({ authorId }: Post) => (authorId === null ? null : { id: authorId }),
    },
    User: {
      __resolveReference: resolveReference(async ({ id }) => ({ id })),
      async posts(person: Named, args: PostsArguments, context) {
        requirePostsOf(context, person);
        return readerOf(context).listOfAuthor(person.id, filterOf(args, context.caller));
      },
    },
  };
}

function filterOf({ stage, locale, first }: PostsArguments, caller: Caller): PostFilter {
  return {
    stage: stage ?? defaultStageOf(caller),
    locales: locale == null ? (caller.locales ?? null) : [locale],
    first: readPageSize(first, first),
  };
}

/** The stage that is meant where an operation names none. @throws CodedError BAD_USER_INPUT for one that there is not */
function defaultStageOf({ defaultStage }: Caller): Stage {
  const stage = stages.find((each) => each === (defaultStage ?? 'PUBLISHED'));
  if (stage !== undefined) return stage;
  throw new CodedError('BAD_USER_INPUT', `There is no stage "${defaultStage}"`, {
    extensions: { argument: 'stage' },
  });
}

/** Of a person this subgraph knows the id alone; stages and locales are those of the posts. */
function requirePostsOf(context: SubgraphContext, { id }: Named): void {
  const target = { type: 'User', field: 'posts' };
  const right = readRight(context, 'READ', target);
  if (right.outcome === 'allow') return;
  const alternatives = right.alternatives.map(({ where }) =>
    where === undefined ? {} : { where },
  );
  if (allowsRecord({ ...right, alternatives }, { record: { id } })) return;
  throw refusal(context, 'READ', target);
}
