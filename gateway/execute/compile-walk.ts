import type { PathSegment } from '../plan/plan.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import type { Holder } from './entities.ts';
import type { JsonObject } from './json.ts';

/** Told of an object that stands at the path of index `at`; `holder[key]` is the object. */
export type Visitor = (
  at: number,
  object: JsonObject,
  holder: Holder,
  key: string | number,
) => void;

/** Visits the objects that stand at some paths in an answer, those of one path in the answer's order. */
export type Walk = (data: JsonObject, visit: Visitor) => void;

/**
 * Compiles one way through the answer that leads to the objects at all of `paths`: what paths have in common is gone
 * once. A list that several parents share (they asked for the same entity) is entered once, so that the work does not
 * multiply with each level.
 */
export function compileWalk(
  paths: readonly (readonly PathSegment[])[],
  types: SupergraphTypes,
): Walk {
  const conditions: ((typeName: string) => boolean)[] = [];
  const crossings: Crossing[] = [];
  const root = crossing(crossings);
  for (const [at, path] of paths.entries()) {
    let here: Crossing | Branch = root;
    for (const segment of path) {
      if (segment.kind === 'key') {
        let next: Crossing | undefined = here.keys.get(segment.key);
        if (next === undefined) {
          next = crossing(crossings);
          here.keys.set(segment.key, next);
        }
        here = next;
      } else if (segment.kind === 'types') {
        const name = segment.types.join('|');
        let next: Branch | undefined = here.branches.get(name);
        if (next === undefined) {
          const condition = conditions.push((typeName) =>
            segment.types.some((type) => types.matches(type, typeName)),
          );
          next = { condition: condition - 1, ends: [], keys: new Map(), branches: new Map() };
          here.branches.set(name, next);
        }
        here = next;
      }
    }
    here.ends.push(at);
  }
  // Everything put into the text is a GraphQL name or a number, names quoted.
  const build = new Function(
    'fits',
    `${crossings.map(functionOf).join('\n')}
    return function (data, visit) {
      c0(data, { data }, 'data', { visit, entered: [] });
    };
    function isEntered(state, at, list) {
      const known = state.entered[at];
      if (known === undefined) {
        state.entered[at] = new Set([list]);
      } else if (known.has(list)) {
        return true;
      } else {
        known.add(list);
      }
      return false;
    }`,
  ) as (fits: readonly ((typeName: string) => boolean)[]) => Walk;
  return build(conditions);
}

/** Where paths end, or go on by the keys of an object and by its type. */
interface Branch {
  /** The index of the condition that its objects meet. */
  readonly condition: number;
  readonly ends: number[];
  readonly keys: Map<string, Crossing>;
  readonly branches: Map<string, Branch>;
}

/** The values under one key of some objects. */
interface Crossing extends Omit<Branch, 'condition'> {
  readonly index: number;
}

function crossing(all: Crossing[]): Crossing {
  const made = { index: all.length, ends: [], keys: new Map(), branches: new Map() };
  all.push(made);
  return made;
}

function functionOf(crossing: Crossing): string {
  const { index } = crossing;
  return `function c${index}(value, holder, key, state) {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      if (isEntered(state, ${index}, value)) return;
      for (let at = 0; at < value.length; at++) c${index}(value[at], value, at, state);
      return;
    }
    ${textOf(crossing)}
  }`;
}

function textOf({ ends, keys, branches }: Omit<Branch, 'condition'>): string {
  const lines = ends.map((at) => `state.visit(${at}, value, holder, key);`);
  for (const [key, { index }] of keys) {
    const quoted = JSON.stringify(key);
    lines.push(`c${index}(value[${quoted}], value, ${quoted}, state);`);
  }
  for (const branch of branches.values()) {
    // An object that does not say its type has the only one that can stand there.
    lines.push(
      `if (typeof value.__typename !== 'string' || fits[${branch.condition}](value.__typename)) {`,
      textOf(branch),
      '}',
    );
  }
  return lines.join('\n');
}
