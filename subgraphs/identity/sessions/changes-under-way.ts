import { createHash } from 'node:crypto';
import { decodeJwt } from 'jose';
import { newId } from '#contract/ids.ts';
import type { IdentityDatabase } from '../database/tables.ts';

/**
 * What was begun for an account and is still to be finished: a new address that waits to be confirmed.
 *
 * Its token alone would be good for all of its life, also for somebody who was put out by a new password meanwhile.
 */
export interface ChangesUnderWay {
  /** Remembers that a token for a new address was sent. */
  begin(userId: string, token: string): Promise<void>;
  /** False for the token of a change that was called off. Any other is for better-auth to judge. */
  mayFinish(token: string): Promise<boolean>;
  /** After a new password: nothing that was begun before it, no reset and no trusted browser either, holds on. */
  callOff(userId: string): Promise<void>;
}

export function createChangesUnderWay(database: IdentityDatabase): ChangesUnderWay {
  return {
    async begin(userId, token) {
      const now = new Date();
      const { exp = 0 } = decodeJwt(token);
      await database
        .insertInto('verification')
        .values({
          id: newId('verification'),
          identifier: identifierOf(token),
          value: userId,
          expiresAt: new Date(exp * 1_000).toISOString(),
          createdAt: now.toISOString(),
          updatedAt: now.toISOString(),
        })
        .execute();
    },
    async mayFinish(token) {
      if (!isChangeOfEmail(token)) return true;
      const row = await database
        .selectFrom('verification')
        .select('id')
        .where('identifier', '=', identifierOf(token))
        .executeTakeFirst();
      return row !== undefined;
    },
    async callOff(userId) {
      await database.deleteFrom('verification').where('value', '=', userId).execute();
    },
  };
}

/** Whether a verification token is one for a new address. Its signature is checked where it is used. */
export function isChangeOfEmail(token: string): boolean {
  try {
    return decodeJwt(token).updateTo !== undefined;
  } catch {
    // No token at all.
    return false;
  }
}

function identifierOf(token: string): string {
  return `change-email:${createHash('sha256').update(token).digest('hex')}`;
}
