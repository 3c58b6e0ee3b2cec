import type { FastifyRequest } from 'fastify';
import type { Credential } from '#contract/identity.ts';
import type { PublicPlace } from '#gateway/plugin.ts';

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

function credentialOf(place: string | PublicPlace | null): Credential | null {
  if (place === null) return null;
  if (typeof place === 'string') return Object.freeze({ kind: 'environment', text: place });
  const { project, environment } = place;
  // An empty text is no credential, and no environment either.
  return environment === '' ? null : { kind: 'environment', text: environment, inProject: project };
}
