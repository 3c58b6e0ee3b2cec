import type { Departure } from '../departure.ts';
import { abandoned, SubgraphFailure } from './failure.ts';

/**
 * Does what a call inside this process does, for no longer than it may take and somebody waits for it. Its signal is
 * aborted then.
 * @throws SubgraphFailure
 */
export async function withinBounds<Result>(
  name: string,
  timeoutMs: number,
  departure: Departure | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const giveUp = new AbortController();
  const timer = setTimeout(() => {
    late.reject(timeout(name, timeoutMs));
    giveUp.abort();
  }, timeoutMs);
  departure?.onLeave(() => {
    late.reject(abandoned(name));
    giveUp.abort();
  });
  try {
    return await Promise.race([work(giveUp.signal), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

export function tooLarge(name: string, maxResponseBytes: number, status: number): SubgraphFailure {
  return new SubgraphFailure(
    'too-large',
    `The subgraph "${name}" answered with more than ${maxResponseBytes} bytes`,
    { status },
  );
}

function timeout(name: string, timeoutMs: number): SubgraphFailure {
  return new SubgraphFailure(
    'timeout',
    `The subgraph "${name}" did not answer within ${timeoutMs} ms`,
  );
}
