import type { FastifyBaseLogger } from 'fastify';
import type { IdentityDatabase } from '../database/tables.ts';
import type { KeyCandidate } from './key-texts.ts';

/** More would only queue for the store: a key that is passed over has its turn when it is used again. */
const MAX_AT_ONCE = 16;

/** A hash of a key as it was found: of its text now, or of the one before. */
export interface FoundHash {
  readonly keyId: string;
  readonly isCurrent: boolean;
  readonly found: KeyCandidate;
}

/**
 * Stores keys that are used under the newest pepper, so that an older one can be given up some day. Nobody who uses
 * a key waits for it, and no gateway hears of it: it is the same key.
 */
export interface RehashKeys {
  begin(hash: FoundHash, newest: KeyCandidate): void;
  /** Settles when what is under way is done. */
  idle(): Promise<void>;
}

export function createRehashKeys(
  database: IdentityDatabase,
  logger: Pick<FastifyBaseLogger, 'warn'>,
): RehashKeys {
  const writing = new Map<string, Promise<void>>();

  async function write({ keyId, isCurrent, found }: FoundHash, newest: KeyCandidate) {
    // Only as long as the hash is still there: a rotation may have put another one in its place.
    const update = isCurrent
      ? database
          .updateTable('api_key')
          .set({ hash: newest.hash, pepper_version: newest.version })
          .where('hash', '=', found.hash)
      : database
          .updateTable('api_key')
          .set({ former_hash: newest.hash, former_pepper_version: newest.version })
          .where('former_hash', '=', found.hash);
    try {
      await update.where('id', '=', keyId).where('revoked_at', 'is', null).execute();
    } catch (error) {
      // Errors of the store can quote a statement; its name says enough.
      const reason = error instanceof Error ? error.name : 'unknown';
      logger.warn({ keyId, reason }, 'a key could not be stored under the newest pepper');
    } finally {
      writing.delete(found.hash);
    }
  }

  return {
    begin(hash, newest) {
      const { found } = hash;
      if (found.version === newest.version || writing.has(found.hash)) return;
      if (writing.size < MAX_AT_ONCE) writing.set(found.hash, write(hash, newest));
    },
    async idle() {
      await Promise.all(writing.values());
    },
  };
}
