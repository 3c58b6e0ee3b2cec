import type { IdentityEvent } from '#contract/identity.ts';
import { eventOf, type IdentityLog } from './identity-log.ts';

const PAGE = 1_000;

/** What changed about credentials, people and policies, in order, whoever changed it. */
export interface IdentityEvents {
  /** The last row of the log that was told. Read it before the store: what is read then is at least that new. */
  readonly sequence: number;
  /**
   * Tells every listener of what was committed before this call, before it settles.
   * @throws whatever reading the store throws; what was not told then is told the next time
   */
  catchUp(): Promise<void>;
  subscribe(listener: (event: IdentityEvent) => void): () => void;
}

/**
 * The events of this process's store, from now on.
 *
 * @param onListenerError is given what a listener throws: the change has happened, and others must hear of it
 */
export async function createIdentityEvents(
  log: IdentityLog,
  onListenerError: (error: unknown) => void,
): Promise<IdentityEvents> {
  const listeners = new Set<(event: IdentityEvent) => void>();
  let sequence = await log.highest();
  /** The read that is under way; and the one after it, which sees all that is committed by now. */
  let reading: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  async function read(): Promise<void> {
    for (let full = true; full; ) {
      const rows = await log.after(sequence, PAGE);
      full = rows.length === PAGE;
      for (const row of rows) {
        const event = eventOf(row);
        if (event !== null) tell(event);
        sequence = row.sequence;
      }
    }
  }

  function tell(event: IdentityEvent): void {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        onListenerError(error);
      }
    }
  }

  function begin(): Promise<void> {
    const mine = read().finally(() => {
      if (reading === mine) reading = null;
    });
    reading = mine;
    return mine;
  }

  return {
    get sequence() {
      return sequence;
    },
    catchUp() {
      if (reading === null) return begin();
      // The one under way may have looked before the commit that the caller means.
      next ??= reading
        .catch(() => undefined)
        .then(() => {
          next = null;
          return reading ?? begin();
        });
      return next;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
