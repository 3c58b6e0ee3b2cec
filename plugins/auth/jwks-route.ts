import type { FastifyInstance } from 'fastify';
import type { PublicKeySet } from '#contract/signing-keys.ts';

/** `GET /.well-known/jwks.json` (RFC 7517): the keys with which subgraphs check claims. */
export function jwksRoute(app: FastifyInstance, keys: PublicKeySet, maxAgeSeconds: number): void {
  const body = JSON.stringify(keys);
  app.get('/.well-known/jwks.json', { config: { public: true } }, (_request, reply) =>
    reply
      .header('cache-control', `public, max-age=${maxAgeSeconds}`)
      .header('content-type', 'application/jwk-set+json')
      .send(body),
  );
}
