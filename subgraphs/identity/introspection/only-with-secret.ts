import type { FastifyInstance } from 'fastify';
import { CodedError } from '#contract/errors.ts';
import { holdsSecret } from './holds-secret.ts';

/** Guards every route of this instance: for gateways that show the secret, and kept by nobody in between. */
export function onlyWithSecret(app: FastifyInstance, secret: string): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    if (!holdsSecret(request, secret)) {
      reply.header('www-authenticate', 'Bearer');
      throw new CodedError('UNAUTHENTICATED');
    }
  });
}
