import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { OperationCache } from './operation-cache.ts';

export interface PreparingOptions {
  readonly preparedOperations: number;
  readonly prepareTimeoutMs: number;
  readonly logger: Pick<FastifyBaseLogger, 'debug'>;
}

/**
 * Prepares in `next` what was asked most in `before`, one operation after the other so that those who wait for
 * an answer do not wait for it. What cannot be prepared is left for whoever asks it.
 * @returns how many operations were prepared
 */
export async function prepareHottest(
  before: OperationCache,
  next: OperationCache,
  { preparedOperations, prepareTimeoutMs, logger }: PreparingOptions,
): Promise<number> {
  const over = new AbortController();
  let prepared = 0;
  const prepareAll = async (): Promise<void> => {
    for (const operation of before.hottest(preparedOperations)) {
      if (over.signal.aborted) return;
      try {
        await next.prepareAhead(operation);
        prepared += 1;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        logger.debug({ reason }, 'an operation is not prepared for the new supergraph');
      }
    }
  };
  const late = sleep(prepareTimeoutMs, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([prepareAll(), late]);
  over.abort();
  return prepared;
}
