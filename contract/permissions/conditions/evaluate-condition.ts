import type { Comparison, Condition } from './condition.ts';
import { compareToLiteral } from './literal.ts';

/** The three values of SQL; null is "unknown". */
export type Truth = boolean | null;

/**
 * Whether a condition holds for a record, in the three-valued logic of SQL: whatever is compared with null is
 * unknown, and so is what cannot be compared (a number with a text, a list, a field that the record does not tell).
 * Only true lets anybody in. `null` and `not_null` are never unknown, unless the record does not tell the field.
 */
export function evaluate(condition: Condition, record: Readonly<Record<string, unknown>>): Truth {
  if (condition.kind === 'compare') {
    const { field } = condition;
    // Own members alone: a record has no field `constructor`.
    return compare(condition, Object.hasOwn(record, field) ? record[field] : undefined);
  }
  const decisive = condition.kind === 'or';
  let truth: Truth = !decisive;
  for (const part of condition.conditions) {
    const value = evaluate(part, record);
    if (value === decisive) return decisive;
    if (value === null) truth = null;
  }
  return truth;
}

/** Whether a comparison holds for the value of its field; undefined is a value that is not told. */
export function compare({ operator, values }: Comparison, value: unknown): Truth {
  if (value === undefined) return null;
  if (operator === 'null') return value === null;
  if (operator === 'not_null') return value !== null;
  if (value === null) return null;
  const [literal] = values;
  if (literal === undefined) return null;
  switch (operator) {
    case 'in':
      return isAmong(values, value);
    case 'not_in':
      return negate(isAmong(values, value));
    case 'contains':
    case 'not_contains':
    case 'starts_with':
    case 'not_starts_with':
    case 'ends_with':
    case 'not_ends_with':
      if (typeof value !== 'string' || typeof literal !== 'string') return null;
      return testText(operator, value, literal);
    default: {
      const order = compareToLiteral(value, literal);
      return order === null ? null : testOrder(operator, order);
    }
  }
}

function isAmong(values: Comparison['values'], value: unknown): Truth {
  let truth: Truth = false;
  for (const literal of values) {
    const order = compareToLiteral(value, literal);
    if (order === 0) return true;
    if (order === null) truth = null;
  }
  return truth;
}

function testOrder(operator: 'lt' | 'lte' | 'gt' | 'gte', order: number): boolean {
  switch (operator) {
    case 'lt':
      return order < 0;
    case 'lte':
      return order <= 0;
    case 'gt':
      return order > 0;
    case 'gte':
      return order >= 0;
  }
}

type TextOperator = Extract<Comparison['operator'], `${string}contains` | `${string}_with`>;

function testText(operator: TextOperator, value: string, literal: string): boolean {
  switch (operator) {
    case 'contains':
      return value.includes(literal);
    case 'not_contains':
      return !value.includes(literal);
    case 'starts_with':
      return value.startsWith(literal);
    case 'not_starts_with':
      return !value.startsWith(literal);
    case 'ends_with':
      return value.endsWith(literal);
    case 'not_ends_with':
      return !value.endsWith(literal);
  }
}

function negate(truth: Truth): Truth {
  return truth === null ? null : !truth;
}
