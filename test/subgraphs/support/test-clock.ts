import type { Clock } from '#contract/clock.ts';

export interface TestClock extends Clock {
  advance(milliseconds: number): void;
  set(now: number): void;
}

/** A clock that stands still until it is told. It starts at the real time, which better-auth reads. */
export function createTestClock(start: number = Date.now()): TestClock {
  let now = start;
  return {
    now: () => now,
    monotonic: () => now,
    advance(milliseconds) {
      now += milliseconds;
    },
    set(time) {
      now = time;
    },
  };
}
