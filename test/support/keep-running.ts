import type { Test } from 'tap';

/** What is tested holds no process open by itself; a test that waits for it does. */
export function keepRunning(t: Test): void {
  const timer = setInterval(() => undefined, 60_000);
  t.teardown(() => clearInterval(timer));
}
