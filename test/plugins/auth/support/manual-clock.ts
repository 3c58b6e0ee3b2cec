import type { Clock } from '#contract/clock.ts';

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #wall = Date.UTC(2030, 0, 1);
  #monotonic = 1_000;

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  advance(milliseconds: number): void {
    this.#wall += milliseconds;
    this.#monotonic += milliseconds;
  }

  /** The wall clock is set; time itself goes on. */
  setWall(milliseconds: number): void {
    this.#wall = milliseconds;
  }
}
