import type { GraphQLResolverMap } from '@apollo/subgraph';
import { type GraphQLFieldResolver, isScalarType } from 'graphql';
import type { SubgraphContext } from './caller-context.ts';

/** Resolvers by type and field. Wrap an entity's `__resolveReference` in `resolveReference`. */
export type Resolvers = GraphQLResolverMap<SubgraphContext>;

/**
 * A `__resolveReference`: the entity that a reference names, or null when there is none.
 *
 * It is given the context second, where other resolvers have their arguments, and what it throws fails
 * that one entity.
 * @example
 * Post: { __resolveReference: resolveReference(({ id }, context) => findPost(id)) }
 */
export function resolveReference<Entity>(
  find: (reference: { readonly id: string }, context: SubgraphContext) => Promise<Entity>,
): GraphQLFieldResolver<unknown, SubgraphContext> {
  // @apollo/subgraph calls it with (reference, context), but its types have no name for that.
  const resolver = async (reference: { readonly id: string }, context: SubgraphContext) =>
    find(reference, context);
  return resolver as unknown as GraphQLFieldResolver<unknown, SubgraphContext>;
}

/**
 * Several maps of resolvers as one.
 * @throws TypeError when two of them answer the same field
 */
export function mergeResolvers(maps: readonly Resolvers[]): Resolvers {
  const merged: Resolvers = {};
  for (const [type, fields] of maps.flatMap((map) => Object.entries(map))) {
    const known = merged[type];
    if (known === undefined) {
      merged[type] = isScalarType(fields) ? fields : Object.assign({}, fields);
      continue;
    }
    for (const field of Object.keys(fields)) {
      if (Object.hasOwn(known, field)) throw new TypeError(`${type}.${field} has two resolvers`);
    }
    Object.assign(known, fields);
  }
  return merged;
}
