import { type Resolvers, requireCaller, requireRight } from '#subgraphs/kit/index.ts';
import type { ImportInput, ImportKeys } from './import-keys.ts';

export function keyImportResolvers(importKeys: ImportKeys): Resolvers {
  return {
    Mutation: {
      async importAPIKeys(_: unknown, { input }: { readonly input: ImportInput }, context) {
        requireCaller(context);
        requireRight(context, 'MANAGE', { subgraph: 'identity', type: 'APIKey' });
        const results = await importKeys(context, input);
        return { results, imported: results.filter(({ isNew }) => isNew).length };
      },
    },
  };
}
