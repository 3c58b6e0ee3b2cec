import { CodedError } from '#contract/errors.ts';
import type { ChangeOrigin, Changes } from '../changes.ts';

/** Ends sessions of the caller. Both throw CodedError FORBIDDEN for a key that is bound to a part of its organization. */
export interface EndSessions {
  /** @throws CodedError NOT_FOUND for a session that has ended, as for somebody else's, UNAUTHENTICATED */
  one(origin: ChangeOrigin, id: string): Promise<string>;
  /** Answers how many. @throws CodedError UNAUTHENTICATED */
  all(origin: ChangeOrigin, exceptCurrent: boolean): Promise<number>;
}

export function createEndSessions(changes: Changes): EndSessions {
  return {
    one: (origin, id) =>
      changes.run(origin, async ({ transaction, actor }) => {
        if (actor.isBound) throw new CodedError('FORBIDDEN');
        const ended = await transaction
          .deleteFrom('session')
          .where('id', '=', id)
          .where('userId', '=', actor.caller.subject)
          .returning('id')
          .executeTakeFirst();
        if (ended === undefined) throw new CodedError('NOT_FOUND');
        return ended.id;
      }),
    all: (origin, exceptCurrent) =>
      changes.run(origin, async ({ transaction, actor }) => {
        if (actor.isBound) throw new CodedError('FORBIDDEN');
        const { kind, credentialId, subject } = actor.caller;
        const current = kind === 'session' && exceptCurrent ? credentialId : null;
        const ended = await transaction
          .deleteFrom('session')
          .where('userId', '=', subject)
          .$if(current !== null, (query) => query.where('id', '<>', current ?? ''))
          .returning('id')
          .execute();
        return ended.length;
      }),
  };
}
