import type { Identity } from '#contract/identity.ts';
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
        // No issuer knows of our projects.
        if (credential.place !== undefined) return { active: false, asOfSequence: 0 };
        return outside.resolve(credential);
      }
      return identity.resolve(credential);
    },
    subscribe: (listener, onReset) => identity.subscribe(listener, onReset),
  };
}
