import { Worker } from 'node:worker_threads';
import pLimit from 'p-limit';
import { CodedError } from '#contract/errors.ts';
import type { PlanRequest } from './apollo-message.ts';
import type { OverrideOutcome } from './overrides.ts';
import type { Plan } from './plan.ts';
import { createPlanThread, type PlanThread } from './plan-thread.ts';
import type { Planner } from './planner.ts';

export interface ApolloPlannerOptions {
  /** Milliseconds that one plan may take, without the time it waits for others. */
  readonly planTimeoutMs: number;
  /** How many operations may wait for their turn. */
  readonly maxWaitingPlans: number;
  /** Starts the thread that plans; a test can hand in another one. */
  readonly startThread?: (supergraphSdl: string) => Worker;
}

export interface ApolloPlanner extends Planner {
  /** As every planner's; `timeoutMs` is less than the planner's own where this operation is to have less. */
  plan(
    document: string,
    operationName: string | undefined,
    overrides: OverrideOutcome,
    timeoutMs?: number,
  ): ReturnType<Planner['plan']>;
  /** Starts the thread if none runs. @throws Error saying why it cannot load the supergraph */
  ready(): Promise<void>;
}

/**
 * Apollo's planner, in a thread of its own that starts with the first operation.
 *
 * It plans one operation after the other. One that takes too long, or takes the thread down with it, fails
 * alone: those that wait are planned by the next thread.
 * @throws CodedError OVERLOADED when too many wait
 */
export function createApolloPlanner(
  supergraphSdl: string,
  { planTimeoutMs, maxWaitingPlans, startThread = startApolloThread }: ApolloPlannerOptions,
): ApolloPlanner {
  let thread: PlanThread | null = null;
  let isClosed = false;
  const turns = pLimit(1);

  async function inThread<T>(use: (thread: PlanThread) => Promise<T>): Promise<T> {
    if (isClosed) throw new CodedError('SHUTTING_DOWN');
    if (thread === null || thread.hasEnded) thread = createPlanThread(startThread(supergraphSdl));
    const used = thread;
    try {
      await used.ready();
      return await use(used);
    } catch (error) {
      if (thread === used) thread = null;
      await used.stop();
      throw isClosed ? new CodedError('SHUTTING_DOWN') : error;
    }
  }

  async function planOne(request: PlanRequest, timeoutMs: number): Promise<Plan | null> {
    const answer = await inThread((used) => used.ask(request, timeoutMs));
    switch (answer.kind) {
      case 'planned':
        return answer.plan;
      case 'too-expensive':
        throw new CodedError('OPERATION_TOO_EXPENSIVE', answer.reason);
      case 'failed':
        throw new CodedError(
          'OPERATION_UNPLANNABLE',
          'The planner of this gateway makes no plan of this operation',
          { cause: new Error(answer.reason) },
        );
    }
  }

  return {
    defers: true,
    async plan(document, operationName, { labels }, timeoutMs = planTimeoutMs) {
      if (turns.pendingCount >= maxWaitingPlans) throw new CodedError('OVERLOADED');
      const request = { document, operationName, labels: Array.from(labels) };
      return turns(() => planOne(request, Math.min(timeoutMs, planTimeoutMs)));
    },
    ready: () => inThread(async () => undefined),
    async close() {
      isClosed = true;
      await thread?.stop();
    },
  };
}

/** The real thread; it knows its supergraph from the start. */
export function startApolloThread(supergraphSdl: string): Worker {
  return new Worker(new URL('./apollo-worker.ts', import.meta.url), {
    workerData: supergraphSdl,
    // Flags of the process, such as --input-type, are not for this file.
    execArgv: [],
  });
}
