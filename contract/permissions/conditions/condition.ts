/** A value that a condition names. A text that is an RFC 3339 date-time stands for that instant. */
export type Literal = string | number | boolean;

/**
 * A condition on a record, in the one form that all spellings are brought to.
 *
 * There is no "not": a negation is carried down to the comparisons, each of which has its opposite. Equality
 * is `in` with one value. `and` of nothing is always true, `or` of nothing never.
 */
export type Condition = Comparison | Connective;

export interface Connective {
  readonly kind: 'and' | 'or';
  readonly conditions: readonly Condition[];
}

export interface Comparison {
  readonly kind: 'compare';
  readonly field: string;
  readonly operator: Operator;
  /** Several for `in` and `not_in`, all of one kind; none for `null` and `not_null`; otherwise one. */
  readonly values: readonly Literal[];
}

export type Operator = keyof typeof opposites;

/** What each operator becomes under a negation. */
export const opposites = {
  in: 'not_in',
  not_in: 'in',
  null: 'not_null',
  not_null: 'null',
  lt: 'gte',
  gte: 'lt',
  gt: 'lte',
  lte: 'gt',
  contains: 'not_contains',
  not_contains: 'contains',
  starts_with: 'not_starts_with',
  not_starts_with: 'starts_with',
  ends_with: 'not_ends_with',
  not_ends_with: 'ends_with',
} as const;

export const always: Connective = Object.freeze({ kind: 'and', conditions: Object.freeze([]) });
export const never: Connective = Object.freeze({ kind: 'or', conditions: Object.freeze([]) });

export function isAlways(condition: Condition): boolean {
  return condition.kind === 'and' && condition.conditions.length === 0;
}

export function isNever(condition: Condition): boolean {
  return condition.kind === 'or' && condition.conditions.length === 0;
}

/** How deep a condition is nested, and how many comparisons it holds. */
export function measure(condition: Condition): {
  readonly depth: number;
  readonly comparisons: number;
} {
  if (condition.kind === 'compare') return { depth: 0, comparisons: 1 };
  let depth = 0;
  let comparisons = 0;
  for (const part of condition.conditions.map(measure)) {
    depth = Math.max(depth, part.depth);
    comparisons += part.comparisons;
  }
  return { depth: depth + 1, comparisons };
}
