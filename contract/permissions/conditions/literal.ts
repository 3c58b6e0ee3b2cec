import type { Literal } from './condition.ts';

export type LiteralKind = 'boolean' | 'number' | 'instant' | 'text';

export function kindOf(literal: Literal): LiteralKind {
  if (typeof literal === 'boolean') return 'boolean';
  if (typeof literal === 'number') return 'number';
  return instantOf(literal) === null ? 'text' : 'instant';
}

/**
 * How a value of a record stands to a literal: below 0, 0 or above; null when the two cannot be compared, which
 * is so for values of different kinds. Texts are ordered by code point, date-times as instants.
 */
export function compareToLiteral(value: unknown, literal: Literal): number | null {
  if (typeof literal === 'boolean') {
    return typeof value === 'boolean' ? Number(value) - Number(literal) : null;
  }
  if (typeof literal === 'number') {
    // A bigint is compared as it is, without being rounded.
    if (typeof value !== 'bigint' && typeof value !== 'number') return null;
    if (value < literal) return -1;
    return value > literal ? 1 : Number.isNaN(value) ? null : 0;
  }
  const instant = instantOf(literal);
  if (instant !== null) {
    const other = value instanceof Date ? instantOfDate(value) : textInstant(value);
    return other === null ? null : compareTexts(other, instant);
  }
  return typeof value === 'string' ? compareTexts(value, literal) : null;
}

/** Orders literals, those of different kinds too, for a form that is always the same. */
export function compareLiterals(a: Literal, b: Literal): number {
  const [kindA, kindB] = [kindOf(a), kindOf(b)];
  if (kindA !== kindB) return kindA < kindB ? -1 : 1;
  return compareToLiteral(a, b) ?? 0;
}

/** Orders texts by code point; `<` would order by UTF-16 unit and put U+FFFF after U+10000. */
export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const unitA = a.charCodeAt(index);
    const unitB = b.charCodeAt(index);
    if (unitA === unitB) continue;
    return isSurrogate(unitA) === isSurrogate(unitB) ? unitA - unitB : isSurrogate(unitA) ? 1 : -1;
  }
  return a.length - b.length;
}

const dateTime =
  /^(\d{4}-\d\d-\d\d)[Tt]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * A date-time of RFC 3339 (§5.6) in UTC and without the `Z`, such that two of them are ordered like texts; null
 * for any other text, leap seconds and more than nine decimals among them.
 */
export function instantOf(text: string): string | null {
  if (text.length < 20 || text.length > 35) return null;
  const [, day = '', time = '', fraction = '', zone = ''] = dateTime.exec(text) ?? [];
  if (day === '') return null;
  // A day that no calendar has would be moved to the next month.
  if (new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) !== day) return null;
  const seconds = new Date(`${day}T${time}${zone.toUpperCase()}`).toJSON();
  if (seconds === null || !/^\d{4}-/.test(seconds)) return null;
  const digits = fraction.replace(/0+$/, '');
  return seconds.slice(0, 19) + (digits === '' ? '' : `.${digits}`);
}

function textInstant(value: unknown): string | null {
  return typeof value === 'string' ? instantOf(value) : null;
}

function instantOfDate(date: Date): string | null {
  return instantOf(date.toJSON() ?? '');
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
