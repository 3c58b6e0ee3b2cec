import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import type { SubgraphContext } from './caller-context.ts';

/** Tells the resolvers of mutations which one they answer: a grant on `Mutation.createPost` is one on what it does. */
export function noteEntries(schema: GraphQLSchema): void {
  const type = schema.getMutationType();
  for (const field of Object.values(type?.getFields() ?? {})) {
    const { resolve = defaultFieldResolver } = field;
    const entry = Object.freeze({ type: type?.name ?? '', field: field.name });
    field.resolve = (root, args, context: SubgraphContext, info) =>
      resolve(root, args, { ...context, entry }, info);
  }
}
