import { performance } from 'node:perf_hooks';

/** How many operations are under way at least before others are held back. */
const AT_ONCE = 8;
/** One that takes longer waits for its subgraphs and not for this process, and holds nobody back any more. */
const LONGEST_TURN_MS = 250;
/** How long the event loop sleeps, in all, for each operation that is let in beside those. */
const IDLE_MS = 0.5;

/** The event loop: times are monotonic milliseconds. */
export interface EventLoop {
  now(): number;
  /** How long it has slept so far. */
  idleMs(): number;
  /** Calls back in a millisecond, or as soon after that as there is time. */
  soon(callback: () => void): void;
}

const eventLoop: EventLoop = {
  now: () => performance.now(),
  idleMs: () => performance.eventLoopUtilization().idle,
  soon: (callback) => void setTimeout(callback, 1),
};

interface Turn {
  readonly since: number;
}

/**
 * Has work begin in the order in which it came, and later while the process is busy.
 *
 * An operation holds what its subgraphs have answered from its first call to its last. Where fifty take turns at each of
 * their steps, all that they hold is there fifty times as long as it is worked on, and garbage collection copies it
 * again and again. Begun one after the other they are as fast, and hold next to nothing
 * (docs/decisions/0023). Nothing is held back when the process has time: then the subgraphs are what is waited for.
 */
export class Turns {
  readonly #loop: EventLoop;
  readonly #running = new Set<Turn>();
  readonly #waiting: ((turn: Turn) => void)[] = [];
  #isWatching = false;
  #idleMs = 0;

  constructor(loop: EventLoop = eventLoop) {
    this.#loop = loop;
  }

  /** Does the work when it is its turn, and settles as it does. */
  async run(work: () => Promise<void>): Promise<void> {
    const turn = this.#running.size < AT_ONCE ? this.#begin() : await this.#wait();
    try {
      await work();
    } finally {
      this.#running.delete(turn);
      this.#fill();
    }
  }

  #begin(): Turn {
    const turn = { since: this.#loop.now() };
    this.#running.add(turn);
    return turn;
  }

  #wait(): Promise<Turn> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#isWatching) return;
      this.#isWatching = true;
      this.#idleMs = this.#loop.idleMs();
      this.#loop.soon(this.#look);
    });
  }

  readonly #look = (): void => {
    const now = this.#loop.now();
    for (const turn of this.#running) {
      if (now - turn.since < LONGEST_TURN_MS) break;
      this.#running.delete(turn);
    }
    this.#fill();
    const idleMs = this.#loop.idleMs();
    for (; idleMs - this.#idleMs >= IDLE_MS; this.#idleMs += IDLE_MS) {
      this.#waiting.shift()?.(this.#begin());
    }
    this.#isWatching = this.#waiting.length > 0;
    if (this.#isWatching) this.#loop.soon(this.#look);
  };

  #fill(): void {
    while (this.#running.size < AT_ONCE) {
      const letIn = this.#waiting.shift();
      if (letIn === undefined) return;
      letIn(this.#begin());
    }
  }
}
