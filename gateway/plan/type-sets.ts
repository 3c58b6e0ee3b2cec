import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';

export type TypeNames = ReadonlySet<string>;

/**
 * Sets of names of types, each of which is there once: equal ones are the same. What follows from one of them is
 * computed once, however many fields and fragments of an operation ask for it.
 */
export class TypeSets {
  readonly #types: SupergraphTypes;
  readonly #known = new Map<string, TypeNames>();
  readonly #numbers = new Map<TypeNames, number>();
  readonly #derived = new Map<TypeNames, Map<string, TypeNames>>();

  constructor(types: SupergraphTypes) {
    this.#types = types;
  }

  of(names: Iterable<string>): TypeNames {
    const set = new Set(names);
    const key = [...set].sort().join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, set);
    this.#numbers.set(set, this.#numbers.size);
    return set;
  }

  union(sets: Iterable<TypeNames>): TypeNames {
    let all = this.of([]);
    for (const set of new Set(sets)) {
      const before = all;
      if (before.size === 0) all = set;
      else if (set !== before && set.size > 0) {
        all = this.derive(before, `and ${this.#numbers.get(set)}`, () => [...before, ...set]);
      }
    }
    return all;
  }

  /** Those that meet a type condition. */
  meeting(set: TypeNames, condition: string | undefined): TypeNames {
    if (condition === undefined) return set;
    return this.derive(set, `... ${condition}`, () =>
      [...set].filter((type) => this.#types.matches(condition, type)),
    );
  }

  /** What follows from a set by a rule, which `name` names. */
  derive(set: TypeNames, name: string, names: () => Iterable<string>): TypeNames {
    const derived = this.#derived.get(set) ?? new Map<string, TypeNames>();
    this.#derived.set(set, derived);
    const known = derived.get(name) ?? this.of(names());
    derived.set(name, known);
    return known;
  }
}
