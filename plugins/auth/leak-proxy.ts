import type { FastifyInstance } from 'fastify';
import type { Identity } from '#contract/identity.ts';
import { LEAKS_PATH, SCANNING_PATTERNS_PATH } from '#contract/leaks.ts';
import { forwardingScope, headersOf, passBack } from './sign-in-proxy.ts';

/**
 * Reports of keys that were found (`POST /api/leaks`), and what keys look like
 * (`/.well-known/secret-scanning.json`): for everybody, passed on to identity as bytes.
 */
export function leakProxy(app: FastifyInstance, identity: Identity, bodyLimit: number): void {
  forwardingScope(app, bodyLimit, 'a report of keys was not passed on', (scope) => {
    scope.post(LEAKS_PATH, { bodyLimit, config: { public: true } }, async (request, reply) => {
      const response = await identity.forward({
        method: 'POST',
        url: LEAKS_PATH,
        headers: headersOf(request),
        ...(Buffer.isBuffer(request.body) && { body: request.body }),
      });
      return passBack(response, reply);
    });
    scope.get(SCANNING_PATTERNS_PATH, { config: { public: true } }, async (request, reply) => {
      const response = await identity.forward({
        method: 'GET',
        url: SCANNING_PATTERNS_PATH,
        headers: headersOf(request),
      });
      passBack(response, reply, response.headers['cache-control']);
      return reply;
    });
  });
}
