import { invalidDirective } from '../errors.ts';

/** Names in the form of `@requiresScopes` and `@policy`: all names of any one list. Of no list, nothing is enough. */
export type Alternatives = readonly (readonly string[])[];

/** @throws CodedError SUPERGRAPH_INVALID for anything but lists of lists of names */
export function readAlternatives(
  value: unknown,
  coordinate: string,
  directive: string,
): Alternatives {
  const isList = (each: unknown): each is readonly unknown[] => Array.isArray(each);
  const lists = isList(value) ? value : null;
  if (lists === null || !lists.every((list) => isList(list) && list.every(isName))) {
    throw invalidDirective(coordinate, `@${directive} needs lists of lists of names`);
  }
  return lists as Alternatives;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

export function isMet(alternatives: Alternatives, has: (name: string) => boolean): boolean {
  return alternatives.some((names) => names.every(has));
}

/** How many combinations are tried before it counts as unproven. */
const MAX_COMBINATIONS = 4_096;

/** Whether whoever meets all of `given` meets `wanted`. Sound; beyond a bound it says no. */
export function allImply(given: readonly Alternatives[], wanted: Alternatives): boolean {
  let combined: ReadonlySet<string>[] = [new Set()];
  for (const alternatives of given) {
    combined = combined.flatMap((names) =>
      alternatives.map((more) => new Set([...names, ...more])),
    );
    if (combined.length > MAX_COMBINATIONS) return false;
  }
  return combined.every((names) => isMet(wanted, (name) => names.has(name)));
}

/** `"a" and "b", or "c"`. */
export function describe(alternatives: Alternatives): string {
  return alternatives.map((names) => names.map((name) => `"${name}"`).join(' and ')).join(', or ');
}
