type Truth = boolean | null;

/**
 * What a written condition says of a record, told the long way: by walking what was written, with Kleene's tables
 * for the connectives. The second opinion beside the evaluator, with which it shares no code.
 */
export function plainTruth(written: unknown, record: Readonly<Record<string, unknown>>): Truth {
  return all(Object.entries(written as object).map(([key, value]) => member(key, value, record)));
}

function member(key: string, value: unknown, record: Readonly<Record<string, unknown>>): Truth {
  const parts = () => [value].flat().map((part) => plainTruth(part, record));
  if (key === '_and' || key === 'AND') return all(parts());
  if (key === '_or' || key === 'OR') return any(parts());
  if (key === '_not' || key === 'NOT') return all(parts().map(not));
  const [, field = key, operator = ''] =
    /^(.+?)_(not_in|not_contains|not_starts_with|not_ends_with|contains|starts_with|ends_with|lte|gte|lt|gt|in|not)$/.exec(
      key,
    ) ?? [];
  return compare(operator, record[field], value);
}

function compare(operator: string, actual: unknown, wanted: unknown): Truth {
  if (operator.startsWith('not_')) return not(compare(operator.slice(4), actual, wanted));
  if (operator === 'not') return not(compare('', actual, wanted));
  if (operator === 'in') return any((wanted as unknown[]).map((each) => compare('', actual, each)));
  if (actual === undefined) return null;
  if (operator === '' && wanted === null) return actual === null;
  if (operator === 'contains' || operator.endsWith('with')) {
    if (typeof actual !== 'string') return null;
    const part = String(wanted);
    if (operator === 'contains') return actual.indexOf(part) !== -1;
    if (operator === 'starts_with') return actual.slice(0, part.length) === part;
    return part.length <= actual.length && actual.slice(actual.length - part.length) === part;
  }
  const [kind, a] = ranked(actual);
  const [otherKind, b] = ranked(wanted);
  const isTextual = kind === 'instant' && otherKind === 'text' && typeof actual === 'string';
  if (kind === null || (kind !== otherKind && !isTextual)) return null;
  const left = isTextual ? points(actual) : a;
  const order = left === b ? 0 : left < b ? -1 : 1;
  switch (operator) {
    case '':
      return order === 0;
    case 'lt':
      return order < 0;
    case 'lte':
      return order <= 0;
    case 'gt':
      return order > 0;
    default:
      return order >= 0;
  }
}

/** A value by its kind, and as something that `<` orders. */
function ranked(value: unknown): readonly [string | null, number | string] {
  if (value instanceof Date) return ['instant', value.getTime()];
  if (typeof value === 'bigint') return ['number', Number(value)];
  if (typeof value === 'number') return [Number.isNaN(value) ? null : 'number', value];
  if (typeof value === 'boolean') return ['boolean', Number(value)];
  if (typeof value !== 'string') return [null, 0];
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return ['instant', Date.parse(value)];
  return ['text', points(value)];
}

function points(text: string): string {
  return [...text].map((each) => (each.codePointAt(0) ?? 0).toString(16).padStart(6, '0')).join();
}

function not(truth: Truth): Truth {
  return truth === null ? null : !truth;
}

function all(truths: readonly Truth[]): Truth {
  return truths.includes(false) ? false : truths.includes(null) ? null : true;
}

function any(truths: readonly Truth[]): Truth {
  return truths.includes(true) ? true : truths.includes(null) ? null : false;
}
