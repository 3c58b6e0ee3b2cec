import {
  always,
  type Comparison,
  type Condition,
  isAlways,
  isNever,
  type Literal,
  never,
} from './condition.ts';
import { conditionText } from './encode-condition.ts';
import { implies } from './implies.ts';
import { compareLiterals, compareTexts, kindOf } from './literal.ts';

/**
 * A condition that is true of the same records, smaller where it can be, and always written in the same order.
 *
 * Where the one is not true, the other may be false instead of unknown: nothing negates it any more.
 */
export function simplify(condition: Condition): Condition {
  if (condition.kind === 'compare') return tidied(condition);
  const isAnd = condition.kind === 'and';
  const parts = condition.conditions
    .map(simplify)
    .flatMap((part) => (part.kind === condition.kind ? part.conditions : [part]));
  if (parts.some(isAnd ? isNever : isAlways)) return isAnd ? never : always;
  const merged = isAnd ? mergeAll(parts, both) : mergeAll(parts, either);
  if (merged === null) return never;
  const kept = withoutImplied(merged, isAnd);
  const [only] = kept;
  if (only !== undefined && kept.length === 1) return only;
  return Object.freeze({ kind: condition.kind, conditions: Object.freeze(kept) });
}

function tidied(comparison: Comparison): Comparison {
  const values = comparison.values.toSorted(compareLiterals);
  const distinct = values.filter((value, index) => {
    const before = values[index - 1];
    return before === undefined || compareLiterals(before, value) !== 0;
  });
  return Object.freeze({ ...comparison, values: Object.freeze(distinct) });
}

/** What two comparisons of one field come to: undefined when they stay two, null when no value meets both. */
type Merge = (a: Comparison, b: Comparison) => Comparison | null | undefined;

/** Merges each part with those before it. Null when a pair cannot be met. */
function mergeAll(parts: readonly Condition[], merge: Merge): readonly Condition[] | null {
  let merged: readonly Condition[] = [];
  const waiting = [...parts];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    const [other, result] = findMerge(merged, part, merge);
    if (result === null) return null;
    if (result === undefined) {
      merged = [...merged, part];
    } else {
      // What came of the two may merge with the others.
      merged = merged.filter((each) => each !== other);
      waiting.push(result);
    }
  }
  return merged;
}

function findMerge(
  merged: readonly Condition[],
  part: Condition,
  merge: Merge,
): readonly [Condition, ReturnType<Merge>] {
  if (part.kind !== 'compare') return [part, undefined];
  for (const other of merged) {
    if (other.kind !== 'compare' || other.field !== part.field) continue;
    const result = merge(other, part);
    if (result !== undefined) return [other, result];
  }
  return [part, undefined];
}

const both: Merge = (a, b) => {
  if (a.operator === 'null' && b.operator === 'null') return a;
  if (a.operator === 'null' || b.operator === 'null') return null;
  if (b.operator === 'in' && a.operator !== 'in') return both(b, a);
  if (a.operator === 'in' && b.operator === 'in') {
    // Nothing is of two kinds at once.
    return withValues(
      a,
      a.values.filter((value) => isListed(b, value)),
    );
  }
  if (b.operator !== 'not_in' || !isOneKind(a, b)) return undefined;
  if (a.operator === 'not_in') return withValues(a, [...a.values, ...b.values]);
  if (a.operator !== 'in') return undefined;
  return withValues(
    a,
    a.values.filter((value) => !isListed(b, value)),
  );
};

const either: Merge = (a, b) => {
  if (a.operator !== 'in' || b.operator !== 'in' || !isOneKind(a, b)) return undefined;
  return withValues(a, [...a.values, ...b.values]);
};

function withValues(comparison: Comparison, values: readonly Literal[]): Comparison | null {
  return values.length === 0 ? null : tidied({ ...comparison, values });
}

function isListed(comparison: Comparison, value: Literal): boolean {
  return comparison.values.some((listed) => compareLiterals(listed, value) === 0);
}

function isOneKind(a: Comparison, b: Comparison): boolean {
  const [x, y] = [a.values[0], b.values[0]];
  return x !== undefined && y !== undefined && kindOf(x) === kindOf(y);
}

/** The parts without those that others make superfluous, in the order of their texts. */
function withoutImplied(parts: readonly Condition[], isAnd: boolean): readonly Condition[] {
  const byText = new Map(parts.map((part) => [conditionText(part), part]));
  const sorted = [...byText].toSorted(([a], [b]) => compareTexts(a, b)).map(([, part]) => part);
  const makes = isAnd ? implies : (a: Condition, b: Condition) => implies(b, a);
  let kept: Condition[] = [];
  for (const part of sorted) {
    if (kept.some((other) => makes(other, part))) continue;
    kept = kept.filter((other) => !makes(part, other));
    kept.push(part);
  }
  return kept;
}
