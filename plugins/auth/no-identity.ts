import { CodedError } from '#contract/errors.ts';
import type { Identity } from '#contract/identity.ts';

/** The identity of a gateway that has none: no key and no session is anybody's, and nothing ever changes. */
export const noIdentity: Identity = Object.freeze({
  resolve: async () => ({ active: false, asOfSequence: 0 }) as const,
  callerOfKey: async () => ({ kind: 'unknown' }) as const,
  forward: () => Promise.reject(new CodedError('NOT_FOUND')),
  reportUse: async () => undefined,
  subscribe: () => () => undefined,
  toldSequence: 0,
  toldUpTo: async () => true,
  lease: async () => 0,
});
