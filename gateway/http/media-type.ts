import type { FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';

export type MediaType = 'application/json' | 'application/graphql-response+json';

const offered: MediaType[] = ['application/json', 'application/graphql-response+json'];

/**
 * The media type of the answer that a client accepts, null when it accepts neither
 * (GraphQL over HTTP, §6.3). Without a preference it is application/json.
 */
export function acceptedMediaType(request: FastifyRequest): MediaType | null {
  const { accept } = request.headers;
  if (accept === undefined || accept === '' || accept === '*/*') return 'application/json';
  const chosen = new Negotiator(request.raw).mediaType(offered);
  return offered.find((type) => type === chosen) ?? null;
}
