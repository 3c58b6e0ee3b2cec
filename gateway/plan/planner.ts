import type { OverrideOutcome } from './overrides.ts';
import type { Plan } from './plan.ts';

/** Turns an operation into a plan. Whoever made it closes it. */
export interface Planner {
  /** Whether it plans answers in parts (`@defer`). */
  readonly defers: boolean;
  /**
   * The plan of a valid operation without introspection fields; null when there is nothing to fetch.
   * It does not block the event loop.
   * @throws CodedError OPERATION_TOO_EXPENSIVE for an operation that cannot be planned within the planner's bounds,
   *   OPERATION_UNPLANNABLE for one of which no subgraph can be asked for a field
   */
  plan(
    document: string,
    operationName: string | undefined,
    overrides: OverrideOutcome,
  ): Promise<Plan | null>;
  close(): Promise<void>;
}
