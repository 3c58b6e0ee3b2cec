import type { FastifyRequest } from 'fastify';
import type { Credential } from '#contract/identity.ts';

/** What a request that shows no credential is looked up by: an environment; null where it has no rights at all. */
export type PublicEnvironment = (request: FastifyRequest) => Credential | null;

/**
 * The environment of a request: the one that its route names, else the one of the options.
 * @param environment the id that the options name
 */
export function createPublicEnvironment(environment: string | undefined): PublicEnvironment {
  const usual = credentialOf(environment ?? null);
  return (request) => {
    const ofRoute = request.routeOptions.config.publicEnvironment;
    return ofRoute === undefined ? usual : credentialOf(ofRoute(request));
  };
}

function credentialOf(text: string | null): Credential | null {
  return text === null ? null : Object.freeze({ kind: 'environment', text });
}
