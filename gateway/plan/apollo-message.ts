import type { Plan } from './plan.ts';

/** What the thread of Apollo's planner is asked. */
export interface PlanRequest {
  readonly document: string;
  readonly operationName: string | undefined;
  /** The labels of progressive overrides that are active. */
  readonly labels: readonly string[];
}

/** What it says: once whether it could load the supergraph, then an answer to each request. */
export type PlanMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly reason: string }
  | PlanAnswer;

export type PlanAnswer =
  | { readonly kind: 'planned'; readonly plan: Plan | null }
  | { readonly kind: 'failed' | 'too-expensive'; readonly reason: string };
