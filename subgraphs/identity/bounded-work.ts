import pLimit from 'p-limit';
import { CodedError } from '#contract/errors.ts';

/** Work of one kind, of which only so much goes on at once; some more waits its turn. */
export interface BoundedWork {
  /** Runs it when it is its turn. @throws CodedError OVERLOADED, at once, where too many wait already */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export interface WorkBounds {
  readonly atOnce: number;
  readonly waiting: number;
}

export function createBoundedWork({ atOnce, waiting }: WorkBounds): BoundedWork {
  const limit = pLimit(atOnce);
  return {
    async run(work) {
      if (limit.activeCount + limit.pendingCount >= atOnce + waiting) {
        throw new CodedError('OVERLOADED');
      }
      return limit(work);
    },
  };
}
