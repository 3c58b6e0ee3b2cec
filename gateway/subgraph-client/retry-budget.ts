/**
 * Bounds how much of the load on a subgraph is retries: each query earns a part of one, a few are given at the
 * start. While everything fails at once, retries cannot make it worse by more than that part.
 */
export class RetryBudget {
  readonly #earnedByQuery: number;
  readonly #most: number;
  #left: number;

  constructor({
    budgetRatio,
    budgetBurst,
  }: {
    readonly budgetRatio: number;
    readonly budgetBurst: number;
  }) {
    this.#earnedByQuery = budgetRatio;
    this.#most = budgetBurst;
    this.#left = budgetBurst;
  }

  earn(): void {
    if (this.#left < this.#most)
      this.#left = Math.min(this.#most, this.#left + this.#earnedByQuery);
  }

  /** Whether there is a retry left; then it is spent. */
  spend(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
