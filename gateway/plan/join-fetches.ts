import type { Fetch, PlanNode } from './plan.ts';

/**
 * Makes one call of those that stand side by side and ask a subgraph the same about entities in different
 * places. Their entities are then gathered, and asked for once, together.
 */
export function joinFetches(nodes: readonly PlanNode[]): readonly PlanNode[] {
  const joined = new Map<unknown, PlanNode>();
  for (const node of nodes) {
    const key = node.kind === 'fetch' ? questionOf(node) : node;
    const before = joined.get(key);
    if (node.kind === 'fetch' && before?.kind === 'fetch') joined.set(key, join(before, node));
    else joined.set(key, node);
  }
  return Array.from(joined.values());
}

/** All but the places; the fetch itself when a deferred part waits for just this one, or it has no places. */
function questionOf(fetch: Fetch): unknown {
  if (fetch.id !== null || fetch.batches.length === 0) return fetch;
  return JSON.stringify({
    ...fetch,
    // The planner numbers the names of its operations.
    document: fetch.document.replace(/^query \w+/, 'query'),
    batches: fetch.batches.map((batch) => ({ ...batch, paths: null })),
  });
}

function join(one: Fetch, other: Fetch): Fetch {
  return {
    ...one,
    batches: one.batches.map((batch, index) => ({
      ...batch,
      paths: [...batch.paths, ...(other.batches[index]?.paths ?? [])],
    })),
  };
}
