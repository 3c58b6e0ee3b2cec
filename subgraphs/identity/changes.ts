import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import {
  type Dialect,
  inChangeContext,
  type KnownCaller,
  requireCaller,
  type SubgraphContext,
} from '#subgraphs/kit/index.ts';
import { type Actor, lockAll, operatorFor, readActor } from './actors/read-actor.ts';
import type { IdentityDatabase, IdentityTransaction } from './database/tables.ts';
import type { IdentityEvents } from './log/identity-events.ts';

/** A change in the making: one transaction, in which nothing has happened yet. */
export interface Change {
  readonly transaction: IdentityTransaction;
  readonly dialect: Dialect;
  /** Milliseconds since the epoch, the same for all of it. */
  readonly now: number;
  /** Who makes it, with the rights that they have in the store now. */
  readonly actor: Actor;
}

/** In whose name something is changed, and for which request. */
export type ChangeOrigin = Pick<SubgraphContext, 'caller' | 'origin'> & {
  /** Whoever runs this process does it, for the caller: only for a command, which can write to the store anyway. */
  readonly byOperator?: true;
  /** Only the person themselves does it, in a session that no key opened. */
  readonly inPerson?: true;
};

/** The one way in which identity's own data is changed. */
export interface Changes {
  /**
   * Runs `work` in one transaction. It settles after the commit, and after everybody in this process has heard of
   * it: what is answered then holds here at once, and survives.
   * Nobody else changes the keys of the caller, or their organization, meanwhile.
   * @param others ids of further subjects and organizations that it changes
   * @throws CodedError UNAUTHENTICATED when the caller is nobody or their credential holds no more, FORBIDDEN for
   * one whom an outside issuer names, and for what is done in person when they are not
   */
  run<T>(
    origin: ChangeOrigin,
    work: (change: Change) => Promise<T>,
    others?: readonly string[],
  ): Promise<T>;
}

export interface ChangesOptions {
  readonly database: IdentityDatabase;
  readonly dialect: Dialect;
  readonly clock: Clock;
  readonly events: IdentityEvents;
}

export function createChanges({ database, dialect, clock, events }: ChangesOptions): Changes {
  return {
    async run({ caller, origin, byOperator, inPerson }, work, others = []) {
      const known = requireCaller({ caller });
      // Whoever an outside issuer names has no account here, and nothing that could be theirs.
      if (known.kind === 'jwt') throw new CodedError('FORBIDDEN');
      const now = clock.now();
      const context = { at: now, ...(byOperator ? operator : changerOf(known)), ...origin };
      const result = await inChangeContext(context, () =>
        database.transaction().execute(async (transaction) => {
          await lockAll(transaction, dialect, [known.subject, known.organization ?? '', ...others]);
          const actor = byOperator ? operatorFor(known) : await readActor(transaction, known, now);
          if (inPerson && !actor.isInPerson) throw needsSession();
          return work({ transaction, dialect, now, actor });
        }),
      );
      await events.catchUp();
      return result;
    },
  };
}

export function needsSession(): CodedError {
  return new CodedError('FORBIDDEN', 'This takes a session; a key cannot do it');
}

const operator = { actorKind: 'system', actorId: null, credentialId: null } as const;

function changerOf({ kind, subject, credentialId }: KnownCaller) {
  return { actorKind: kind, actorId: subject, credentialId };
}

/** Where a change comes from that nobody asked for over the network: a command, a first run, a timer. */
export const ofThisProcess = Object.freeze({ requestId: null, address: null });
