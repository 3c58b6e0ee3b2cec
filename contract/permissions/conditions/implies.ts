import type { Comparison, Condition } from './condition.ts';
import { compare } from './evaluate-condition.ts';
import { compareToLiteral, kindOf } from './literal.ts';

const MAX_STEPS = 10_000;

/**
 * Whether every record for which `a` is true is one for which `b` is true.
 *
 * Sound and not complete: true is a proof, false may mean that none was found (within a bound of steps).
 */
export function implies(a: Condition, b: Condition): boolean {
  return prove(a, b, { steps: MAX_STEPS });
}

function prove(a: Condition, b: Condition, left: { steps: number }): boolean {
  left.steps -= 1;
  if (left.steps < 0) return false;
  if (a.kind === 'compare' && b.kind === 'compare') return comparisonImplies(a, b);
  if (a.kind === 'or') return a.conditions.every((part) => prove(part, b, left));
  if (b.kind === 'and') return b.conditions.every((part) => prove(a, part, left));
  if (b.kind === 'or' && b.conditions.some((part) => prove(a, part, left))) return true;
  return a.kind === 'and' && a.conditions.some((part) => prove(part, b, left));
}

function comparisonImplies(a: Comparison, b: Comparison): boolean {
  if (a.field !== b.field) return false;
  if (a.operator === 'null') return b.operator === 'null';
  // Any other comparison is true only of a value.
  if (b.operator === 'not_null') return true;
  const [x] = a.values;
  const [y] = b.values;
  if (x === undefined || y === undefined) return false;
  if (a.operator === 'in') return a.values.every((value) => isTrueOf(b, value));
  if (kindOf(x) !== kindOf(y)) return false;
  if (a.operator === b.operator && x === y && b.values.length === 1) return true;
  const order = compareToLiteral(x, y) ?? Number.NaN;
  switch (`${a.operator} ${b.operator}`) {
    case 'not_in not_in':
      return b.values.every((value) => isTrueOf({ ...a, operator: 'in' }, value));
    case 'lt lt':
    case 'lt lte':
    case 'lte lte':
      return order <= 0;
    case 'lte lt':
      return order < 0;
    case 'gt gt':
    case 'gt gte':
    case 'gte gte':
      return order >= 0;
    case 'gte gt':
      return order > 0;
    case 'contains contains':
    case 'starts_with contains':
    case 'ends_with contains':
      return String(x).includes(String(y));
    case 'starts_with starts_with':
      return String(x).startsWith(String(y));
    case 'ends_with ends_with':
      return String(x).endsWith(String(y));
    default:
      return false;
  }
}

/** Whether `comparison` is true of every value that equals `literal`. */
function isTrueOf(comparison: Comparison, literal: string | number | boolean): boolean {
  const [other] = comparison.values;
  if (other === undefined) return false;
  // One instant has many spellings, of which text operators and other texts see the one that is there.
  if (kindOf(literal) === 'instant') {
    const byText = comparison.operator.endsWith('contains') || comparison.operator.endsWith('with');
    if (byText || kindOf(other) !== 'instant') return false;
  }
  return compare(comparison, literal) === true;
}
