import type { PlanNode } from './plan.ts';

/** Turns an operation into a plan. */
export interface Planner {
  /**
   * The plan of a valid operation without introspection fields; null when there is nothing to fetch.
   * It does not block the event loop where the planner can avoid it.
   */
  plan(document: string, operationName: string | undefined): Promise<PlanNode | null>;
}
