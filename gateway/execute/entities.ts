import type { PathSegment } from '../plan/plan.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import { isJsonObject, type JsonObject } from './json.ts';

export type ResponsePath = readonly (string | number)[];

/** Where an object stands: `holder[key]` is the object. */
export type Holder = Record<string | number, unknown>;

/** Visits every place of every object at `path`, shared or not; `trail` is its response path during the visit. */
export function visitPlaces(
  data: JsonObject,
  path: readonly PathSegment[],
  types: SupergraphTypes,
  visit: (entity: JsonObject, trail: ResponsePath) => void,
): void {
  const trail: (string | number)[] = [];
  const context = {
    path,
    types,
    visit: (entity: JsonObject) => visit(entity, trail),
    trail,
    above: null,
  };
  walk(data, 0, context, { data }, 'data');
}

/**
 * Visits the objects at `path` with those that they stand in, from the root down, one for each field on the way;
 * `above` holds them during the visit. Not for answers that share objects.
 */
export function visitWithAbove(
  data: JsonObject,
  path: readonly PathSegment[],
  types: SupergraphTypes,
  visit: (
    entity: JsonObject,
    holder: Holder,
    key: string | number,
    above: readonly JsonObject[],
  ) => void,
): void {
  const above: JsonObject[] = [];
  const context: Walk = {
    path,
    types,
    visit: (entity, holder, key) => visit(entity, holder, key, above),
    trail: null,
    above,
  };
  walk(data, 0, context, { data }, 'data');
}

interface Walk {
  readonly path: readonly PathSegment[];
  readonly types: SupergraphTypes;
  readonly visit: (entity: JsonObject, holder: Holder, key: string | number) => void;
  readonly trail: (string | number)[] | null;
  readonly above: JsonObject[] | null;
}

function walk(
  value: unknown,
  at: number,
  context: Walk,
  holder: Holder,
  key: string | number,
): void {
  const { path, trail, above } = context;
  if (Array.isArray(value)) {
    // Lists may be nested deeper than the plan counts.
    const next = path[at]?.kind === 'items' ? at + 1 : at;
    for (let index = 0; index < value.length; index++) {
      trail?.push(index);
      // An array is a holder by number.
      walk(value[index], next, context, value as unknown as Holder, index);
      trail?.pop();
    }
    return;
  }
  if (!isJsonObject(value)) return;
  const segment = path[at];
  if (segment === undefined) {
    context.visit(value, holder, key);
  } else if (segment.kind === 'key') {
    trail?.push(segment.key);
    above?.push(value);
    walk(value[segment.key], at + 1, context, value, segment.key);
    above?.pop();
    trail?.pop();
  } else if (segment.kind === 'types') {
    const name = value.__typename;
    // One that does not say its type has the only one that can stand there.
    const matches =
      typeof name !== 'string' || segment.types.some((type) => context.types.matches(type, name));
    if (matches) walk(value, at + 1, context, holder, key);
  }
}
