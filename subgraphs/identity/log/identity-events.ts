import type { IdentityEvent } from '#contract/identity.ts';
import type { FeedPosition } from '#contract/identity-feed.ts';
import { eventOf, type IdentityLog, type LoggedEvent, rowsAfter } from './identity-log.ts';
import { RecentRows } from './recent-rows.ts';

const PAGE = 1_000;
/** A read that takes longer is given up, as its connection may never answer. */
const READ_LIMIT_MS = 5_000;

/** What changed about credentials, people and policies, in order, whoever changed it. */
export interface IdentityEvents {
  /** The last row of the log that was told. Read it before the store: what is read then is at least that new. */
  readonly sequence: number;
  readonly position: FeedPosition;
  /** Which log this is: another number after one was restored from a backup under us. */
  readonly generation: number;
  /**
   * Tells every listener of what was committed before this call, before it settles.
   * @throws whatever reading the store throws; what was not told then is told the next time
   */
  catchUp(): Promise<void>;
  /** `onReset` is called, with the number from which it goes on, when the log is not the one that was read before. */
  subscribe(
    listener: (event: IdentityEvent) => void,
    onReset?: (sequence: number) => void,
  ): () => void;
  /** Calls `listener` when there are more rows than before, or another log. Returns the way to stop. */
  onProgress(listener: () => void): () => void;
  /** The rows after a number, at most a page; null when they have to be read from the store. */
  recentAfter(sequence: number): readonly LoggedEvent[] | null;
}

interface Listener {
  readonly onEvent: (event: IdentityEvent) => void;
  readonly onReset: ((sequence: number) => void) | undefined;
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
  const listeners = new Set<Listener>();
  let position = await log.end();
  let recent = new RecentRows(position.sequence);
  let generation = 0;
  const following = new Set<() => void>();
  /** The read that is under way; and the one after it, which sees all that is committed by now. */
  let reading: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  async function read(): Promise<void> {
    for (let full = true; full; ) {
      const rows = await inTime(rowsAfter(log, position, PAGE));
      if (rows === null) {
        await startAnew();
        return;
      }
      full = rows.length === PAGE;
      const last = rows.at(-1);
      if (last === undefined) return;
      for (const row of rows) {
        const event = eventOf(row);
        if (event !== null) tell(({ onEvent }) => onEvent(event));
        position = row;
      }
      position = { sequence: last.sequence, at: last.at };
      recent.add(rows);
      goOn();
    }
  }

  /** The database was put back to what it was before: the same numbers now stand for something else. */
  async function startAnew(): Promise<void> {
    position = await inTime(log.end());
    recent = new RecentRows(position.sequence);
    generation += 1;
    tell(({ onReset }) => onReset?.(position.sequence));
    goOn();
  }

  function tell(what: (listener: Listener) => void): void {
    for (const listener of listeners) {
      try {
        what(listener);
      } catch (error) {
        onListenerError(error);
      }
    }
  }

  function goOn(): void {
    for (const wake of following) wake();
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
      return position.sequence;
    },
    get position() {
      return position;
    },
    get generation() {
      return generation;
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
    subscribe(onEvent, onReset) {
      const listener = { onEvent, onReset };
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onProgress(listener) {
      following.add(listener);
      return () => following.delete(listener);
    },
    recentAfter: (sequence) => recent.after(sequence, PAGE),
  };
}

/** What comes later is not told: a new read begins where this one did. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`the log was not read in ${READ_LIMIT_MS} ms`)),
    READ_LIMIT_MS,
  ).unref();
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
