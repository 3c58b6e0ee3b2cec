import {
  type Resolvers,
  readPageSize,
  requireRight,
  resolveReference,
  type SubgraphContext,
} from '#subgraphs/kit/index.ts';
import type { Post, Stage } from './post.ts';
import type { PostFilter, PostReader } from './post-reader.ts';

interface PostsArguments {
  readonly stage: Stage;
  readonly locale?: string | null;
  readonly first: number;
}

export function postResolvers(posts: PostReader): Resolvers {
  return {
    Query: {
      async posts(_: unknown, args: PostsArguments, context) {
        mayRead(context);
        return posts.list(filterOf(args));
      },
      async post(_: unknown, { id }: { readonly id: string }, context) {
        mayRead(context);
        return (await posts.find(id)) ?? null;
      },
    },
    Post: {
      __resolveReference: resolveReference(async ({ id }, context) => {
        mayRead(context);
        return (await posts.find(id)) ?? null;
      }),
      // Identity knows the rest of them.
      author: ({ authorId }: Post) => ({ id: authorId }),
    },
    User: {
      __resolveReference: resolveReference(async ({ id }) => ({ id })),
      async posts({ id }: { readonly id: string }, args: PostsArguments, context) {
        mayRead(context);
        return posts.listOfAuthor(id, filterOf(args));
      },
    },
  };
}

function filterOf({ stage, locale, first }: PostsArguments): PostFilter {
  return { stage, locale: locale ?? null, first: readPageSize(first, first) };
}

function mayRead(context: SubgraphContext): void {
  requireRight(context, 'READ', { subgraph: 'content', type: 'Post' });
}
