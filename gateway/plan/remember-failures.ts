import { LRUCache } from 'lru-cache';
import { CodedError } from '#contract/errors.ts';
import type { OverrideOutcome } from './overrides.ts';
import type { Planner } from './planner.ts';

/** Characters of all operations that are remembered, and how long one is. */
const MAX_TEXT_LENGTH = 1_000_000;
const REMEMBERED_MS = 60_000;

/**
 * A planner that does not try again for a while what it could not plan, so that asking for it over and over keeps
 * nobody busy. What fails for another reason than the operation (too much to do, the end of the process) is not
 * remembered.
 */
export function rememberFailures(plan: Planner['plan']): Planner['plan'] {
  const failures = new LRUCache<string, { readonly error: unknown }>({
    maxSize: MAX_TEXT_LENGTH,
    sizeCalculation: (_, key) => key.length,
    ttl: REMEMBERED_MS,
  });
  return async (document, operationName, overrides) => {
    const key = keyOf(document, operationName, overrides);
    const known = failures.get(key);
    if (known !== undefined) throw known.error;
    try {
      return await plan(document, operationName, overrides);
    } catch (error) {
      if (!isTransient(error)) failures.set(key, { error });
      throw error;
    }
  };
}

function keyOf(
  document: string,
  operationName: string | undefined,
  { labels }: OverrideOutcome,
): string {
  return JSON.stringify([document, operationName, Array.from(labels).sort()]);
}

function isTransient(error: unknown): boolean {
  return (
    error instanceof CodedError && (error.code === 'OVERLOADED' || error.code === 'SHUTTING_DOWN')
  );
}
