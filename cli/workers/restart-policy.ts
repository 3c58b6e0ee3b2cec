export interface RestartOptions {
  /** How often in a row a worker may die before it has served for `steadySeconds`. */
  readonly maxRestarts: number;
  readonly steadySeconds: number;
  /** The longest pause before another one is started. */
  readonly maxBackoffMs: number;
}

/** The pause after the second death in a row; it doubles with each further one. */
const FIRST_PAUSE_MS = 100;

/**
 * When a worker that died is replaced, for one place among the workers. One that has served well is replaced at
 * once; one that dies right after its start, again and again, has a cause that another start does not remove.
 */
export class RestartPolicy {
  readonly #options: RestartOptions;
  #deathsInARow = 0;

  constructor(options: RestartOptions) {
    this.#options = options;
  }

  /**
   * @param servedMs how long the one that died had served
   * @returns the pause before the next one; null when there is to be none
   */
  pauseAfterDeath(servedMs: number): number | null {
    const { maxRestarts, steadySeconds, maxBackoffMs } = this.#options;
    if (servedMs >= steadySeconds * 1_000) this.#deathsInARow = 0;
    this.#deathsInARow += 1;
    if (this.#deathsInARow > maxRestarts) return null;
    if (this.#deathsInARow === 1) return 0;
    return Math.min(FIRST_PAUSE_MS * 2 ** (this.#deathsInARow - 2), maxBackoffMs);
  }
}
