import type { FastifyInstance, FastifyRequest } from 'fastify';
import { requireKnown } from '../kit/require-known.ts';

/**
 * `/api/graphql/space/:space`: GraphQL as at `/graphql`, with the caller in the project that the address names by its
 * name or id. There is none for those who show no credential.
 */
export function spaceRoute(app: FastifyInstance): void {
  app.castellan.addGraphqlRoute({
    url: '/api/graphql/space/:space',
    config: { place: (request) => ({ project: spaceOf(request) }), publicEnvironment: () => null },
    onRequest: requireKnown,
  });
}

function spaceOf({ params }: FastifyRequest): string {
  return (params as { readonly space: string }).space; // the address has it
}
