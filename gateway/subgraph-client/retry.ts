import type { Clock } from '#contract/clock.ts';
import { SubgraphFailure } from './failure.ts';
import type { SubgraphOptions } from './options.ts';
import { RetryBudget } from './retry-budget.ts';
import type { SubgraphRequest, SubgraphResponse, SubgraphTransport } from './transport.ts';

export interface RetryParts {
  readonly clock: Clock;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
  readonly wait: (milliseconds: number) => Promise<unknown>;
}

/** How one attempt ended. */
export type Outcome =
  | { readonly kind: 'answered'; readonly response: SubgraphResponse }
  | { readonly kind: 'failed'; readonly error: unknown };

/**
 * Sends what is repeatable again when a fault was a passing one, within the time that the call has anyway and
 * within a budget. Nothing of a discarded answer has gone further.
 */
export function withRetry(
  transport: SubgraphTransport,
  { retry: options, timeoutMs }: Pick<SubgraphOptions, 'retry' | 'timeoutMs'>,
  { clock, random, wait }: RetryParts,
): SubgraphTransport {
  if (options.maxRetries === 0) return transport;
  const budget = new RetryBudget(options);

  const repeat = async (
    request: SubgraphRequest,
    first: Outcome,
    began: number,
  ): Promise<SubgraphResponse> => {
    let outcome = first;
    for (let retries = 0; retries < options.maxRetries && isPassing(outcome); retries += 1) {
      const pauseMs = random() * longestPauseMs(retries, options);
      const timeLeftMs = timeoutMs - (clock.monotonic() - began) - pauseMs;
      if (timeLeftMs <= 0 || !budget.spend()) break;
      await wait(pauseMs);
      const next = await attempt(transport, { ...request, timeLeftMs });
      // Other calls have found out meanwhile that it is of no use; what this one saw says more.
      if (isRefusedByBreaker(next)) break;
      outcome = next;
    }
    if (outcome.kind === 'failed') throw outcome.error;
    return outcome.response;
  };

  return {
    send(request) {
      if (!request.repeatable) return transport.send(request);
      budget.earn();
      const began = clock.monotonic();
      return transport.send(request).then(
        (response) =>
          response.status < 500 ? response : repeat(request, { kind: 'answered', response }, began),
        (error: unknown) => repeat(request, { kind: 'failed', error }, began),
      );
    },
    close: () => transport.close(),
  };
}

/** Whether the same request may well succeed a moment later: it was not taken, or a proxy says so. */
export function isPassing(outcome: Outcome): boolean {
  if (outcome.kind === 'answered') {
    const { status, hasRetryAfter } = outcome.response;
    // Who says when to come back does not want to be asked before.
    return status >= 502 && status <= 504 && !hasRetryAfter;
  }
  const { error } = outcome;
  // A time-out is not: a slow subgraph gets no faster by being asked twice.
  return (
    error instanceof SubgraphFailure &&
    (error.reason === 'unreachable' || error.reason === 'unanswered')
  );
}

/** Exponential backoff; the pause is drawn from 0 to it, so that calls that failed together do not return together. */
export function longestPauseMs(
  retries: number,
  { backoffMs, maxBackoffMs }: { readonly backoffMs: number; readonly maxBackoffMs: number },
): number {
  return Math.min(maxBackoffMs, backoffMs * 2 ** retries);
}

async function attempt(transport: SubgraphTransport, request: SubgraphRequest): Promise<Outcome> {
  try {
    return { kind: 'answered', response: await transport.send(request) };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

function isRefusedByBreaker(outcome: Outcome): boolean {
  return (
    outcome.kind === 'failed' &&
    outcome.error instanceof SubgraphFailure &&
    outcome.error.reason === 'circuit-open'
  );
}
