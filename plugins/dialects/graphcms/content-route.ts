import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CodedError } from '#contract/errors.ts';
import { askedContent } from './asked-content.ts';
import type { GraphcmsOptions } from './options.ts';

interface Address {
  readonly projectId: string;
  readonly environment: string;
}

/**
 * `/v2/:projectId/:environment`: GraphQL as at `/graphql`, with the caller in that environment. Whoever shows no
 * credential has its public permissions.
 */
export function contentRoute(app: FastifyInstance, options: GraphcmsOptions): void {
  const { introspection, introspectionByEnvironment: byEnvironment } = options;
  app.castellan.addGraphqlRoute({
    url: '/v2/:projectId/:environment',
    config: {
      place: (request) => {
        const { projectId, environment } = addressOf(request);
        return { project: projectId, environment };
      },
      publicEnvironment: (request) => {
        const { projectId, environment } = addressOf(request);
        return { project: projectId, environment };
      },
      content: ({ headers }) => askedContent(headers),
      introspection: ({ caller: { environment } }) =>
        environment !== null && Object.hasOwn(byEnvironment, environment)
          ? (byEnvironment[environment] ?? introspection)
          : introspection,
    },
    async onRequest({ caller }) {
      if (caller.environment === null) {
        throw new CodedError('NOT_FOUND', 'There is no such project or environment');
      }
    },
  });
}

function addressOf({ params }: FastifyRequest): Address {
  return params as Address; // the address has both
}
