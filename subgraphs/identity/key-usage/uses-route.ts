import type { FastifyInstance } from 'fastify';
import { CodedError } from '#contract/errors.ts';
import { decodeKeyUses } from '#contract/key-use.ts';
import { holdsSecret } from '../introspection/holds-secret.ts';
import type { KeyUsage } from './key-usage.ts';

const BODY_LIMIT_BYTES = 262_144;

/** `POST /uses` for gateways in other processes: a JSON list of uses, under the secret that both sides were given. */
export async function usesRoute(
  app: FastifyInstance,
  options: { readonly usage: KeyUsage; readonly secret: string },
): Promise<void> {
  const { usage, secret } = options;
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    if (holdsSecret(request, secret)) return;
    reply.header('www-authenticate', 'Bearer');
    throw new CodedError('UNAUTHENTICATED');
  });
  app.post('/uses', { bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
    const uses = decodeKeyUses(request.body);
    if (uses === null) throw new CodedError('BAD_REQUEST', 'The body is not a list of uses');
    await usage.record(uses);
    return reply.code(204).send();
  });
}
