import { createHash } from 'node:crypto';
import { isApiKeyShaped } from '#contract/api-key.ts';
import { isForeignKeyShaped } from '#contract/foreign-key.ts';
import type { HashKind } from '../database/key-tables.ts';
import { type KeyHash, type PepperRing, sameHash } from './pepper-ring.ts';

/** What a text would be stored as, if it were a key. */
export interface KeyCandidate extends KeyHash {
  readonly kind: HashKind;
}

/** The ways in which the texts of keys are stored. */
export interface KeyTexts {
  /** Everything that a text can be stored as; nothing for one that is not shaped like a key, so that it costs no look-up. */
  candidatesOf(text: string): readonly KeyCandidate[];
  /** What a foreign key with this SHA-256 (in hex) is stored as, under every pepper, the writing one first. */
  foreignCandidatesOf(digest: string): readonly KeyCandidate[];
  /** The same text under the pepper that writes. */
  newest(candidate: KeyCandidate, candidates: readonly KeyCandidate[]): KeyCandidate;
}

/** @param foreignPrefixes what imported keys of other systems begin with */
export function createKeyTexts(peppers: PepperRing, foreignPrefixes: readonly string[]): KeyTexts {
  const under = (kind: HashKind, text: string) =>
    peppers.hashes(text).map((hash) => ({ ...hash, kind }));
  // No text of a key looks like this: one kind is never taken for the other.
  const foreignCandidatesOf = (digest: string) => under('sha256', `sha256:${digest}`);
  return {
    candidatesOf(text) {
      const own = isApiKeyShaped(text) ? under('key', text) : [];
      if (!isForeignKeyShaped(text, foreignPrefixes)) return own;
      const digest = createHash('sha256').update(text).digest('hex');
      return [...own, ...foreignCandidatesOf(digest)];
    },
    foreignCandidatesOf,
    newest: (candidate, candidates) =>
      candidates.find(({ kind }) => kind === candidate.kind) ?? candidate,
  };
}

/** The candidate that a stored hash is, compared in a time that tells nothing; undefined when none is. */
export function matchOf(
  candidates: readonly KeyCandidate[],
  hash: string | null,
  version: string | null,
  kind: HashKind,
): KeyCandidate | undefined {
  if (hash === null) return undefined;
  const computed = candidates.find((each) => each.version === version && each.kind === kind);
  return computed !== undefined && sameHash(computed.hash, hash) ? computed : undefined;
}
