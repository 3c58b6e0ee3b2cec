import type { FastifyInstance } from 'fastify';
import { CodedError } from '#contract/errors.ts';
import { isLoopback } from '../config.ts';

/**
 * Refuses requests that were sent to another name than this machine's own. Where everybody has all rights, a
 * web page could otherwise have its own name resolve to 127.0.0.1 and ask away (DNS rebinding).
 */
export function answerLoopbackOnly(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { hostname } = request;
    const isBracketed = hostname.startsWith('[') && hostname.endsWith(']');
    const name = isBracketed ? hostname.slice(1, -1) : hostname;
    if (!isLoopback(name)) {
      throw new CodedError(
        'FORBIDDEN',
        'With --open only this machine is answered, by its own name',
      );
    }
    done();
  });
}
