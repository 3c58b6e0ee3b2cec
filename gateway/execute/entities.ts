import type { PathSegment } from '../plan/plan.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import { isJsonObject, type JsonObject } from './json.ts';

export type ResponsePath = readonly (string | number)[];

/**
 * Visits the objects that stand at `path` in the answer, in the answer's order.
 * `trail`, when given, holds the response path of the object during each visit (copy it to keep it).
 */
export function visitEntities(
  value: unknown,
  path: readonly PathSegment[],
  types: SupergraphTypes,
  visit: (entity: JsonObject) => void,
  trail: (string | number)[] | null = null,
  at = 0,
): void {
  if (Array.isArray(value)) {
    // Lists may be nested deeper than the plan counts.
    const next = path[at]?.kind === 'items' ? at + 1 : at;
    for (const [index, item] of value.entries()) {
      trail?.push(index);
      visitEntities(item, path, types, visit, trail, next);
      trail?.pop();
    }
    return;
  }
  if (!isJsonObject(value)) return;
  const segment = path[at];
  if (segment === undefined) {
    visit(value);
  } else if (segment.kind === 'types') {
    const name = value.__typename;
    const matches =
      typeof name === 'string' && segment.types.some((type) => types.matches(type, name));
    if (matches) visitEntities(value, path, types, visit, trail, at + 1);
  } else if (segment.kind === 'key') {
    trail?.push(segment.key);
    visitEntities(value[segment.key], path, types, visit, trail, at + 1);
    trail?.pop();
  }
}
