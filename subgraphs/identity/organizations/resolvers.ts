import {
  type Resolvers,
  requireCaller,
  requireRight,
  resolveReference,
} from '#subgraphs/kit/index.ts';
import type { FindOrganizations } from './organization-reader.ts';

export function organizationResolvers(findOrganizations: FindOrganizations): Resolvers {
  return {
    Organization: {
      __resolveReference: resolveReference(async ({ id }, context) => {
        const { subject } = requireCaller(context);
        requireRight(context, 'READ', { subgraph: 'identity', type: 'Organization' });
        const mine = await findOrganizations(subject);
        return mine.find((organization) => organization.id === id) ?? null;
      }),
    },
  };
}
