/**
 * The time, as everything in Castellan reads it, so that a test can own it.
 *
 * `now` is wall time in milliseconds since the Unix epoch (what a token's `exp` speaks of).
 * `monotonic` is milliseconds that never run backwards (what a cache's age is measured with).
 */
export interface Clock {
  now(): number;
  monotonic(): number;
}

export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  monotonic: () => performance.now(),
});
