import type { Grant } from './grant.ts';

/** The part of the graph that a grant is on; null is "any". A field is never without its type. */
export interface Area {
  readonly type: string | null;
  readonly field: string | null;
  readonly subgraph: string | null;
}

const SUBGRAPH = 'subgraph:';

/** Where `on` and `within` are; `on` has to be well formed. */
export function areaOf(place: { readonly on: string; readonly within?: string }): Area {
  const { on } = place;
  const within = place.within ?? null;
  if (on === '*') return { type: null, field: null, subgraph: within };
  if (on.startsWith(SUBGRAPH)) {
    return { type: null, field: null, subgraph: on.slice(SUBGRAPH.length) };
  }
  const [type = on, field = null] = on.split('.');
  return { type, field, subgraph: within };
}

/** `on` and `within` for an area; the opposite of `areaOf`. */
export function placeOf({ type, field, subgraph }: Area): Pick<Grant, 'on' | 'within'> {
  if (type === null) return { on: subgraph === null ? '*' : SUBGRAPH + subgraph };
  const on = field === null ? type : `${type}.${field}`;
  return subgraph === null ? { on } : { on, within: subgraph };
}

/** Whether all of `inner` lies in `outer`. */
export function areaCovers(outer: Area, inner: Area): boolean {
  return (
    (outer.type === null || outer.type === inner.type) &&
    (outer.field === null || outer.field === inner.field) &&
    (outer.subgraph === null || outer.subgraph === inner.subgraph)
  );
}

/** What lies in both, or null for nothing. */
export function intersectAreas(a: Area, b: Area): Area | null {
  const type = a.type ?? b.type;
  const field = a.field ?? b.field;
  const subgraph = a.subgraph ?? b.subgraph;
  const area = { type, field, subgraph };
  return areaCovers(a, area) && areaCovers(b, area) ? area : null;
}
