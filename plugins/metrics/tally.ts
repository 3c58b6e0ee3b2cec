/**
 * Counts by two labels at the price of two look-ups. Counting in prom-client means to sort, join and check the
 * labels each time, which is a good part of what a small request costs; it hears of the sums when it is read.
 */
export class Tally {
  readonly #counts: Map<string, Map<string, number>> = new Map();

  add(first: string, second: string): void {
    let counts = this.#counts.get(first);
    if (counts === undefined) {
      counts = new Map();
      this.#counts.set(first, counts);
    }
    counts.set(second, (counts.get(second) ?? 0) + 1);
  }

  /** Tells what was counted since the last time. */
  drain(tell: (first: string, second: string, count: number) => void): void {
    for (const [first, counts] of this.#counts) {
      for (const [second, count] of counts) tell(first, second, count);
    }
    this.#counts.clear();
  }
}
