import type { LoggedEvent } from './identity-log.ts';

/** The last rows of the log, so that many feeds that are nearly at its end do not each read the store. */
export class RecentRows {
  readonly #max: number;
  #rows: LoggedEvent[] = [];
  /** What comes after this number is held, all of it. */
  #since: number;

  constructor(since: number, max = 2_000) {
    this.#since = since;
    this.#max = max;
  }

  add(rows: readonly LoggedEvent[]): void {
    this.#rows.push(...rows);
    // Half of them at once, so that it is not done for each.
    if (this.#rows.length <= this.#max) return;
    const dropped = this.#rows.splice(0, this.#rows.length - Math.ceil(this.#max / 2));
    this.#since = dropped.at(-1)?.sequence ?? this.#since;
  }

  /** The rows after a number, at most `limit`; null when some of them may no longer be held. */
  after(sequence: number, limit: number): readonly LoggedEvent[] | null {
    if (sequence < this.#since) return null;
    const first = this.#rows.findIndex((row) => row.sequence > sequence);
    return first === -1 ? [] : this.#rows.slice(first, first + limit);
  }
}
