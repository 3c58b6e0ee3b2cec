import { performance } from 'node:perf_hooks';

/** What answers may hold at once before others are held back, in bytes of their JSON text. */
const HELD_AT_ONCE = 512 * 1024;
/** An answer below that holds next to nothing, and waits for nobody. */
const SMALL = 16 * 1024;
/** Work that takes longer waits for its subgraphs and not for this process, and holds nobody back any more. */
const LONGEST_TURN_MS = 250;
/** How long the event loop sleeps, in all, for each one that is let in beside those. */
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
  readonly bytes: number;
  readonly since: number;
}

interface Waiting {
  readonly bytes: number;
  readonly begin: (turn: Turn) => void;
}

/**
 * Has large answers begin in the order in which they were asked for, and later while the process is busy.
 *
 * An operation holds what its subgraphs have answered from its first call to its answer. Where fifty take turns at each
 * of their steps, all that they hold is there fifty times as long as it is worked on, and garbage collection copies it
 * again and again. Begun one after the other they are as fast, and hold little (docs/decisions/0023). Nothing is held
 * back when the process has time: then the subgraphs are what is waited for.
 */
export class Turns {
  readonly #loop: EventLoop;
  readonly #running = new Set<Turn>();
  readonly #waiting: Waiting[] = [];
  #held = 0;
  #isWatching = false;
  #idleMs = 0;

  constructor(loop: EventLoop = eventLoop) {
    this.#loop = loop;
  }

  /** Does the work for an answer of so many bytes when it is its turn, and settles as it does. */
  run<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    return bytes < SMALL ? work() : this.#takeTurn(bytes, work);
  }

  async #takeTurn<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const hasRoom = this.#waiting.length === 0 && this.#hasRoomFor(bytes);
    const turn = hasRoom ? this.#begin(bytes) : await this.#wait(bytes);
    try {
      return await work();
    } finally {
      this.#end(turn);
      this.#fill();
    }
  }

  /** One alone may hold whatever it does. */
  #hasRoomFor(bytes: number): boolean {
    return this.#held === 0 || this.#held + bytes <= HELD_AT_ONCE;
  }

  #begin(bytes: number): Turn {
    const turn = { bytes, since: this.#loop.now() };
    this.#running.add(turn);
    this.#held += bytes;
    return turn;
  }

  #end(turn: Turn): void {
    if (this.#running.delete(turn)) this.#held -= turn.bytes;
  }

  #wait(bytes: number): Promise<Turn> {
    return new Promise((resolve) => {
      this.#waiting.push({ bytes, begin: resolve });
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
      this.#end(turn);
    }
    this.#fill();
    const idleMs = this.#loop.idleMs();
    for (; idleMs - this.#idleMs >= IDLE_MS; this.#idleMs += IDLE_MS) this.#letIn();
    this.#isWatching = this.#waiting.length > 0;
    if (this.#isWatching) this.#loop.soon(this.#look);
  };

  #fill(): void {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      if (!this.#hasRoomFor(next.bytes)) return;
      this.#letIn();
    }
  }

  #letIn(): void {
    const next = this.#waiting.shift();
    next?.begin(this.#begin(next.bytes));
  }
}
