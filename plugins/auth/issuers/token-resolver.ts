import type { Credential, Identity, Resolution } from '#contract/identity.ts';
import type { OutsideIssuers } from './outside-issuers.ts';

/** What is known of credentials, and what happens to them: the part of an identity that letting in needs. */
export type TokenResolver = Pick<Identity, 'resolve' | 'subscribe'>;

/**
 * Asks whoever can know a credential, by its kind: keys and sessions our identity, tokens of others their
 * issuer.
 */
export function createTokenResolver(identity: Identity, outside: OutsideIssuers): TokenResolver {
  return {
    async resolve(credential) {
      if (credential.kind === 'jwt' || credential.kind === 'opaque') {
        return inAskedEnvironment(await outside.resolve(credential), credential);
      }
      return identity.resolve(credential);
    },
    subscribe: (listener, onReset) => identity.subscribe(listener, onReset),
  };
}

/** Their issuer says in which project and environment they are, if in any: a request cannot choose others. */
function inAskedEnvironment(resolution: Resolution, asked: Credential): Resolution {
  const { inEnvironment, inProject } = asked;
  if (!resolution.active) return resolution;
  const { project, environment } = resolution.caller;
  const isThere =
    (inEnvironment === undefined || environment === inEnvironment) &&
    (inProject === undefined || project === inProject);
  if (isThere) return resolution;
  const { asOfSequence } = resolution;
  return { active: false, asOfSequence, elsewhere: Object.freeze({ kind: 'elsewhere' }) };
}
