import type { FastifyRequest } from 'fastify';
import type { Credential } from '#contract/identity.ts';

/** A key, a session or a token of a request, in the project and environment that its route names, if it does. */
export function placedCredential(credential: Credential, request: FastifyRequest): Credential {
  const place = request.routeOptions.config.place?.(request);
  return place === undefined ? credential : { ...credential, place };
}
