import type { Rewrite } from '../plan/plan.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import { isJsonObject } from './json.ts';

/** Applies a plan's rewrites to data, in place and in their order. */
export function applyRewrites(
  data: unknown,
  rewrites: readonly Rewrite[],
  types: SupergraphTypes,
): void {
  for (const rewrite of rewrites) applyAt(data, rewrite, 0, types);
}

function applyAt(value: unknown, rewrite: Rewrite, at: number, types: SupergraphTypes): void {
  if (Array.isArray(value)) {
    for (const item of value) applyAt(item, rewrite, at, types);
    return;
  }
  const segment = rewrite.path[at];
  if (!isJsonObject(value) || segment === undefined) return;
  if (segment.kind === 'types') {
    const name = value.__typename;
    const matches =
      typeof name !== 'string' || segment.types.some((type) => types.matches(type, name));
    if (matches) applyAt(value, rewrite, at + 1, types);
    return;
  }
  if (at < rewrite.path.length - 1) {
    applyAt(value[segment.key], rewrite, at + 1, types);
  } else if (rewrite.kind === 'set') {
    value[segment.key] = rewrite.value;
  } else if (Object.hasOwn(value, segment.key)) {
    value[rewrite.to] = value[segment.key];
    delete value[segment.key];
  }
}
