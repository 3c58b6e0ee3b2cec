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
  const fits: ((typeName: string) => boolean)[] = [];
  const crossings: Crossing[] = [];
  const addCrossing = (): Crossing => {
    const added = { index: crossings.length, ends: [], keys: new Map(), branches: new Map() };
    crossings.push(added);
    return added;
  };
  const root = addCrossing();
  for (const [at, path] of paths.entries()) {
    let here: Fork = root;
    for (const segment of path) {
      if (segment.kind === 'key') {
        let next: Crossing | undefined = here.keys.get(segment.key);
        if (next === undefined) {
          next = addCrossing();
          here.keys.set(segment.key, next);
        }
        here = next;
      } else if (segment.kind === 'types') {
        const name = segment.types.join('|');
        let next: Branch | undefined = here.branches.get(name);
        if (next === undefined) {
          next = { condition: fits.length, ends: [], keys: new Map(), branches: new Map() };
          fits.push((typeName) => segment.types.some((type) => types.matches(type, typeName)));
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
    'isEntered',
    `${crossings.map(functionOf).join('\n')}
    return function (data, visit) { c0(data, { data }, 'data', { visit, entered: [] }); };`,
  ) as (conditions: typeof fits, entering: typeof isEntered) => Walk;
  return build(fits, isEntered);
}

/** Where paths end, or go on by the keys of an object and by its type. */
interface Fork {
  readonly ends: number[];
  readonly keys: Map<string, Crossing>;
  readonly branches: Map<string, Branch>;
}

/** The values under one key of some objects. */
interface Crossing extends Fork {
  readonly index: number;
}

/** Those of the objects at a place whose type meets a condition. */
interface Branch extends Fork {
  /** Its index. */
  readonly condition: number;
}

/** The lists that one walk has entered, by the index of the crossing. */
interface WalkState {
  readonly visit: Visitor;
  readonly entered: (Set<unknown> | undefined)[];
}

/** Whether a list was entered before at that crossing; from now on it was. */
function isEntered({ entered }: WalkState, crossing: number, list: unknown): boolean {
  const known = entered[crossing];
  if (known === undefined) {
    entered[crossing] = new Set([list]);
    return false;
  }
  if (known.has(list)) return true;
  known.add(list);
  return false;
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

function textOf({ ends, keys, branches }: Fork): string {
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
