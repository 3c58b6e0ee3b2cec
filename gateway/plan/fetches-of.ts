import type { Fetch, Plan } from './plan.ts';

/** The calls of a plan, of all its parts, in the order in which it names them. */
export function fetchesOf(plan: Plan | null): Fetch[] {
  switch (plan?.kind) {
    case undefined:
      return [];
    case 'fetch':
      return [plan];
    case 'sequence':
    case 'parallel':
      return plan.nodes.flatMap(fetchesOf);
    case 'subscription':
      return [plan.primary, ...fetchesOf(plan.rest)];
    case 'defer':
      return [plan.primary, ...plan.deferred].flatMap(({ node }) => fetchesOf(node));
  }
}
