import type { FastifyRequest } from 'fastify';
import { type Credential, ENVIRONMENT_HEADER } from '#contract/identity.ts';
import type { Admission } from './admission.ts';

/** An id, or the name of an environment. */
const SHAPE = /^\w[\w-]{0,127}$/;
/** What is neither is in no environment at all, and kept once, however many there are. */
const NOWHERE = '';

/**
 * The environment that a request asks to be in; undefined when it asks for none. Of several, or of what can be none,
 * no environment comes: they are answered as one that is not there.
 */
export function askedEnvironment(given: unknown): string | undefined {
  if (given === undefined || given === null) return undefined;
  return typeof given === 'string' && SHAPE.test(given) ? given : NOWHERE;
}

/** The header of a request, as Node has it: several of them are one with commas. */
export function askedInHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): string | undefined {
  return askedEnvironment(headers[ENVIRONMENT_HEADER]);
}

/** The credential in the environment that is asked for. */
export function placed(credential: Credential, asked: string | undefined): Credential {
  return asked === undefined ? credential : { ...credential, inEnvironment: asked };
}

/** The credential of a request in the place that the address names, and in the environment that it asks for. */
export function placedByRequest(credential: Credential, request: FastifyRequest): Credential {
  const placedByHeader = placed(credential, askedInHeaders(request.headers));
  const place = request.routeOptions.config.place?.(request);
  if (place === undefined) return placedByHeader;
  return {
    ...placed(placedByHeader, askedEnvironment(place.environment)),
    inProject: place.project,
  };
}

/** The same for an admission. Whoever shows nothing is where the deployment, or the route, has them. */
export function admissionByRequest(admission: Admission, request: FastifyRequest): Admission {
  if (admission.kind !== 'lookup') {
    return placedAdmission(admission, askedInHeaders(request.headers));
  }
  const credential = placedByRequest(admission.credential, request);
  return credential === admission.credential ? admission : { ...admission, credential };
}

/** An admission in the environment that is asked for. Whoever shows nothing is where the deployment has them. */
export function placedAdmission(admission: Admission, asked: string | undefined): Admission {
  if (asked === undefined || admission.kind === 'refused') return admission;
  if (admission.kind === 'lookup') {
    return { ...admission, credential: placed(admission.credential, asked) };
  }
  if (admission.kind === 'public' && admission.credential.text === asked) return admission;
  return { kind: 'refused', refusal: { code: 'UNAUTHENTICATED' } };
}
