import { fetchesOf } from './fetches-of.ts';
import type { Plan } from './plan.ts';

/** The names of the subgraphs that a plan calls, sorted. */
export function subgraphsOf(plan: Plan | null): readonly string[] {
  return [...new Set(fetchesOf(plan).map(({ subgraph }) => subgraph))].sort();
}
