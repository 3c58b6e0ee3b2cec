import type { Clock } from '#contract/clock.ts';

/** A clock that runs like the machine's, and whose wall time is wrong by an amount that a test changes. */
export interface SkewedClock extends Clock {
  /** Milliseconds by which it is ahead; below 0, behind. */
  skewMs: number;
}

export function createSkewedClock(skewMs = 0): SkewedClock {
  return {
    skewMs,
    now() {
      return Date.now() + this.skewMs;
    },
    monotonic: () => performance.now(),
  };
}
