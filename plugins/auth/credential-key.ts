import { hash } from 'node:crypto';
import type { Credential } from '#contract/identity.ts';

/**
 * What a credential is remembered by, with the place that is asked for: SHA-256, so that a heap dump shows no
 * secret, and a look-up takes the same time for all.
 */
export function credentialKey({ kind, text, inEnvironment, inProject }: Credential): string {
  // A kind is a word, and an environment holds no colon: no two credentials are written alike.
  const where = inEnvironment === undefined ? kind : `${kind}@${inEnvironment}`;
  const presented =
    inProject === undefined
      ? `${where}:${text}`
      : JSON.stringify([kind, inProject, inEnvironment ?? null, text]);
  return hash('sha256', presented, 'base64');
}

/** Whether an outside issuer knows it, and no store of ours. */
export function isOutsideKind({ kind }: Credential): boolean {
  return kind === 'jwt' || kind === 'opaque';
}
