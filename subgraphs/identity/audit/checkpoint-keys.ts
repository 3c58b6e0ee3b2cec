import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { PepperRing } from '../api-keys/pepper-ring.ts';

/** What a checkpoint says: the chain had this hash at this row. */
export interface Checkpoint {
  readonly sequence: number;
  readonly hash: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface CheckpointKeys {
  /** The name of the key that signs, and its signature (Ed25519, base64url). */
  sign(checkpoint: Checkpoint): { readonly keyId: string; readonly signature: string };
  /** Whether the key of this name signed it; null when there is no such key any more. */
  verify(checkpoint: Checkpoint, keyId: string, signature: string): boolean | null;
}

/**
 * The keys that sign checkpoints. They follow from the peppers, which are kept outside of the database: whoever can
 * write into it, and even take its triggers away, cannot sign another history.
 */
export function createCheckpointKeys(peppers: PepperRing): CheckpointKeys {
  const keys = peppers
    .derive('castellan audit checkpoint')
    .map(({ version, value }) => ({ id: `v${version}`, key: ed25519Of(value) }));
  const [signing] = keys;
  if (signing === undefined) throw new TypeError('a pepper ring is never empty');
  return {
    sign: (checkpoint) => ({
      keyId: signing.id,
      signature: sign(null, bytesOf(checkpoint), signing.key).toString('base64url'),
    }),
    verify(checkpoint, keyId, signature) {
      const known = keys.find(({ id }) => id === keyId);
      if (known === undefined) return null;
      const publicKey = createPublicKey(known.key);
      return verify(null, bytesOf(checkpoint), publicKey, Buffer.from(signature, 'base64url'));
    },
  };
}

function bytesOf({ sequence, hash, at }: Checkpoint): Buffer {
  return Buffer.from(`castellan audit checkpoint 1\n${sequence}\n${hash}\n${at}\n`);
}

/** RFC 8410 §7: a private key is its 32 bytes behind this prefix. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

function ed25519Of(seed: string): KeyObject {
  const der = Buffer.concat([PKCS8_PREFIX, Buffer.from(seed, 'base64url')]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}
