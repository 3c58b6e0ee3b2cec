import type { Worker } from 'node:worker_threads';
import { CodedError } from '#contract/errors.ts';
import type { PlanAnswer, PlanMessage, PlanRequest } from './apollo-message.ts';

/** A running thread that plans. While nobody waits for it, it keeps no process alive. */
export interface PlanThread {
  /** Whether it has gone, for whatever reason; it does not come back. */
  readonly hasEnded: boolean;
  /** Resolves when the supergraph is loaded. @throws Error saying why it cannot be */
  ready(): Promise<void>;
  /**
   * Asks for one plan; not before the one before was answered.
   * @throws CodedError OPERATION_TOO_EXPENSIVE after `timeoutMs`, INTERNAL_SERVER_ERROR when the thread ends.
   *   Either way the thread is of no more use.
   */
  ask(request: PlanRequest, timeoutMs: number): Promise<PlanAnswer>;
  stop(): Promise<void>;
}

export function createPlanThread(worker: Worker): PlanThread {
  const loaded = Promise.withResolvers<void>();
  // Whoever calls ready() is told; without one it is no unhandled rejection.
  loaded.promise.catch(() => undefined);
  let answer: PromiseWithResolvers<PlanAnswer> | null = null;
  let cause: unknown;
  let hasEnded = false;

  worker.on('message', (message: PlanMessage) => {
    if (message.kind === 'refused') loaded.reject(new Error(message.reason));
    else if (message.kind !== 'ready') answer?.resolve(message);
    else {
      // From here on it is the time limit of a plan that keeps the process alive, not the thread.
      worker.unref();
      loaded.resolve();
    }
  });
  worker.on('error', (error) => {
    cause = error;
  });
  worker.on('exit', (code) => {
    hasEnded = true;
    const reason = cause ?? new Error(`the planner's thread ended with code ${code}`);
    const error = new CodedError('INTERNAL_SERVER_ERROR', undefined, { cause: reason });
    loaded.reject(error);
    answer?.reject(error);
  });

  return {
    get hasEnded() {
      return hasEnded;
    },
    ready: () => loaded.promise,
    async ask(request, timeoutMs) {
      const asked = Promise.withResolvers<PlanAnswer>();
      answer = asked;
      const late = setTimeout(() => {
        asked.reject(
          new CodedError(
            'OPERATION_TOO_EXPENSIVE',
            `The operation could not be planned within ${timeoutMs} ms`,
          ),
        );
      }, timeoutMs);
      worker.postMessage(request);
      try {
        return await asked.promise;
      } finally {
        clearTimeout(late);
      }
    },
    async stop() {
      await worker.terminate();
    },
  };
}
