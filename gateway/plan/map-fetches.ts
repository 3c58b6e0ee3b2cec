import type { Defer, Fetch, Plan, PlanNode } from './plan.ts';

/** The plan with `change` made to each of its calls; it stays of its kind. */
export function mapFetches<P extends Plan>(plan: P, change: (fetch: Fetch) => Fetch): P;
export function mapFetches(plan: Plan, change: (fetch: Fetch) => Fetch): Plan {
  const mapNode = (node: PlanNode): PlanNode =>
    node.kind === 'fetch' ? change(node) : { ...node, nodes: node.nodes.map(mapNode) };
  const mapDefer = (defer: Defer): Defer => ({
    ...defer,
    primary: { ...defer.primary, node: defer.primary.node && mapNode(defer.primary.node) },
    deferred: defer.deferred.map(({ node, ...part }) => ({
      ...part,
      node: node?.kind === 'defer' ? mapDefer(node) : node && mapNode(node),
    })),
  });
  switch (plan.kind) {
    case 'defer':
      return mapDefer(plan);
    case 'subscription':
      return { ...plan, primary: change(plan.primary), rest: plan.rest && mapNode(plan.rest) };
    default:
      return mapNode(plan);
  }
}
