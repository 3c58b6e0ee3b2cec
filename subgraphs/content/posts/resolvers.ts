import {
  type Resolvers,
  readPageSize,
  requireRight,
  resolveReference,
  type SubgraphContext,
} from '#subgraphs/kit/index.ts';
import type { Post, Stage } from './post.ts';
import type { PostFilter, PostReader, Viewer } from './post-reader.ts';

interface PostsArguments {
  readonly stage: Stage;
  readonly locale?: string | null;
  readonly first: number;
}

export function postResolvers(posts: PostReader): Resolvers {
  return {
    Query: {
      async posts(_: unknown, args: PostsArguments, context) {
        return posts.list(mayRead(context, args), filterOf(args));
      },
      async post(_: unknown, { id }: { readonly id: string }, context) {
        return (await posts.find(mayRead(context), id)) ?? null;
      },
    },
    Post: {
      __resolveReference: resolveReference(async ({ id }, context) => {
        return (await posts.find(mayRead(context), id)) ?? null;
      }),
      // Identity knows the rest of them.
      author: ({ authorId }: Post) => ({ id: authorId }),
    },
    User: {
      __resolveReference: resolveReference(async ({ id }) => ({ id })),
      async posts({ id }: { readonly id: string }, args: PostsArguments, context) {
        return posts.listOfAuthor(mayRead(context, args), id, filterOf(args));
      },
    },
  };
}

function filterOf({ stage, locale, first }: PostsArguments): PostFilter {
  return { stage, locale: locale ?? null, first: readPageSize(first, first) };
}

/** Who reads, if they may read all posts that are asked for. */
function mayRead(context: SubgraphContext, asked?: PostsArguments): Viewer {
  const target = { subgraph: 'content', type: 'Post' };
  const { stage, locale } = asked ?? {};
  return requireRight(context, 'READ', target, { stage, locale: locale ?? undefined }).subject;
}
