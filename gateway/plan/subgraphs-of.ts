import type { Plan } from './plan.ts';

/** The names of the subgraphs that a plan calls, sorted. */
export function subgraphsOf(plan: Plan | null): readonly string[] {
  const names = new Set<string>();
  const collect = (node: Plan | null): void => {
    switch (node?.kind) {
      case 'fetch':
        names.add(node.subgraph);
        break;
      case 'sequence':
      case 'parallel':
        node.nodes.forEach(collect);
        break;
      case 'defer':
        collect(node.primary.node);
        for (const part of node.deferred) collect(part.node);
        break;
      case 'subscription':
        collect(node.primary);
        collect(node.rest);
    }
  };
  collect(plan);
  return [...names].sort();
}
