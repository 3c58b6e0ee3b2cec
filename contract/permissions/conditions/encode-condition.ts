import { type Comparison, type Condition, type Operator, opposites } from './condition.ts';
import { splitKey } from './condition-key.ts';

/** A condition as JSON: an object of comparisons and `_and`, `_or`, `_not`. */
export type ConditionJson = Readonly<Record<string, unknown>>;

/** The JSON of a condition, in the canonical spelling; reading it gives the same condition. */
export function encodeCondition(condition: Condition): ConditionJson {
  if (condition.kind === 'compare') return encodeComparison(condition);
  const parts = condition.conditions.map(encodeCondition);
  if (condition.kind === 'or') return { _or: parts };
  const joined: Record<string, unknown> = {};
  const apart: ConditionJson[] = [];
  for (const part of parts) {
    // Two comparisons of one field with one operator cannot be members of one object.
    if (Object.keys(part).some((key) => Object.hasOwn(joined, key))) apart.push(part);
    else Object.assign(joined, part);
  }
  return apart.length === 0 ? joined : { ...joined, _and: apart };
}

/** The canonical JSON text of a condition: equal texts, equal conditions. */
export function conditionText(condition: Condition): string {
  return JSON.stringify(encodeCondition(condition));
}

function encodeComparison(comparison: Comparison): ConditionJson {
  const { field, operator, values } = comparison;
  const [key, value] = spelling(comparison);
  if (isReadBack(key, field, operator)) return { [key]: value };
  // A name that ends like an operator, as `logged_in` does: there is another spelling without that trap.
  if (operator === 'in' && isReadBack(`${field}_in`, field, 'in'))
    return { [`${field}_in`]: values };
  return { _not: encodeComparison({ ...comparison, operator: opposites[operator] }) };
}

function spelling({ field, operator, values }: Comparison): readonly [string, unknown] {
  switch (operator) {
    case 'null':
      return [field, null];
    case 'not_null':
      return [`${field}_not`, null];
    case 'in':
      return values.length === 1 ? [field, values[0]] : [`${field}_in`, values];
    case 'not_in':
      return values.length === 1 ? [`${field}_not`, values[0]] : [`${field}_not_in`, values];
    default:
      return [`${field}_${operator}`, values[0]];
  }
}

function isReadBack(key: string, field: string, operator: Operator): boolean {
  const split = splitKey(key);
  if (split.field !== field) return false;
  if (operator === 'null') return split.suffix === '';
  if (operator === 'not_null') return split.suffix === 'not';
  if (operator === 'in') return split.suffix === '' || split.suffix === 'in';
  if (operator === 'not_in') return split.suffix === 'not' || split.suffix === 'not_in';
  return split.suffix === operator;
}
