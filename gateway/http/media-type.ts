import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
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
  const known = choices.get(accept);
  if (known !== undefined) return known.mediaType;
  const chosen = new Negotiator(request.raw).mediaType(offered);
  const mediaType = offered.find((type) => type === chosen) ?? null;
  if (accept.length <= MAX_KEPT_LENGTH) choices.set(accept, { mediaType });
  return mediaType;
}

/** The clients of a graph send a handful of different headers; a longer one is not worth the memory. */
const choices = new LRUCache<string, { readonly mediaType: MediaType | null }>({ max: 100 });
const MAX_KEPT_LENGTH = 500;
