import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Comparison, Literal } from '#contract/permissions/conditions/condition.ts';
import { instantOf } from '#contract/permissions/conditions/literal.ts';
import type { Dialect } from './dialect.ts';
import type { RecordColumn } from './record-columns.ts';

type Sql = RawBuilder<SqlBool>;
type Order = 'lt' | 'lte' | 'gt' | 'gte';

/**
 * One comparison in SQL: true exactly where `compare` says true of the column's value. Null when it is true of no
 * value, such as that of a number with a text.
 */
export function compareColumn(
  { column, kind }: RecordColumn,
  comparison: Comparison,
  dialect: Dialect,
): Sql | null {
  const value = typeof column === 'string' ? sql.ref(column) : sql`${column}`;
  switch (comparison.operator) {
    case 'null':
      return sql<SqlBool>`${value} is null`;
    case 'not_null':
      return isKnown(value);
    default:
  }
  switch (kind) {
    case 'text':
      return compareText(value, comparison, dialect);
    case 'number':
      return compareNumber(value, comparison, dialect);
    case 'boolean':
      return compareBoolean(value, comparison);
    case 'instant':
      return compareInstant(value, comparison, dialect);
  }
}

function compareText(column: RawBuilder<unknown>, comparison: Comparison, dialect: Dialect) {
  const { operator, values } = comparison;
  const [literal] = values;
  if (typeof literal !== 'string') return null;
  // Whatever the collation of the column and the database is: by code point, and not by any language's rules.
  const exact = dialect === 'postgres' ? sql`${column} collate "C"` : sql`${column} collate binary`;
  const length = [...literal].length;
  const start = sql`substr(${column}, 1, ${sql.lit(length)})`;
  const end =
    dialect === 'postgres'
      ? sql`right(${column}, ${sql.lit(length)})`
      : sql`substr(${column}, ${sql.lit(-length)})`;
  switch (operator) {
    case 'in': {
      const texts = values.filter(isPlainText);
      if (texts.length === 0) return null;
      const isExact = sql<SqlBool>`${exact} in (${sql.join(texts)})`;
      // The index of the column has its own collation. What differs by it differs by code point, too.
      return dialect === 'postgres'
        ? sql<SqlBool>`(${column} in (${sql.join(texts)}) and ${isExact})`
        : isExact;
    }
    case 'not_in':
      return values.every(isPlainText) ? sql<SqlBool>`${exact} not in (${sql.join(values)})` : null;
    case 'contains':
    case 'starts_with':
    case 'ends_with':
      if (length === 0) return isKnown(column);
      if (operator === 'contains') return sql<SqlBool>`${place(column, literal, dialect)} > 0`;
      return isSame(operator === 'starts_with' ? start : end, '=', literal, dialect);
    case 'not_contains':
    case 'not_starts_with':
    case 'not_ends_with':
      if (length === 0) return null;
      if (operator === 'not_contains') return sql<SqlBool>`${place(column, literal, dialect)} = 0`;
      return isSame(operator === 'not_starts_with' ? start : end, '<>', literal, dialect);
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return isPlainText(literal) ? ordered(exact, operator, sql`${literal}`) : null;
    default:
      return null;
  }
}

/** A text that is compared as one: a date-time stands for its instant. */
function isPlainText(literal: Literal): boolean {
  return typeof literal === 'string' && instantOf(literal) === null;
}

/** Where a text lies in another, from 1 on; LIKE would need escapes, and on SQLite not tell a from A. */
function place(column: RawBuilder<unknown>, literal: string, dialect: Dialect) {
  return dialect === 'postgres'
    ? sql`strpos(${column} collate "C", ${literal})`
    : sql`instr(${column}, ${literal})`;
}

function isSame(part: RawBuilder<unknown>, sign: '=' | '<>', literal: string, dialect: Dialect) {
  const exact = dialect === 'postgres' ? sql`${part} collate "C"` : sql`${part} collate binary`;
  return sign === '=' ? sql<SqlBool>`${exact} = ${literal}` : sql<SqlBool>`${exact} <> ${literal}`;
}

function compareNumber(column: RawBuilder<unknown>, comparison: Comparison, dialect: Dialect) {
  const { operator, values } = comparison;
  const numbers = values.filter((each) => typeof each === 'number');
  // For an integer column PostgreSQL would take 2.5 for a malformed integer.
  const literals = numbers.map((each) => {
    if (dialect === 'sqlite') return sql`${each}`;
    return Number.isInteger(each) ? sql`cast(${each} as bigint)` : sql`cast(${each} as numeric)`;
  });
  const [literal] = literals;
  if (literal === undefined) return null;
  // "Not a number" is above all numbers for PostgreSQL, and no number for us. SQLite keeps it as null.
  const isNumber = (condition: Sql): Sql =>
    dialect === 'sqlite'
      ? condition
      : sql<SqlBool>`(${condition} and cast(${column} as text) <> 'NaN')`;
  switch (operator) {
    case 'in':
      return sql<SqlBool>`${column} in (${sql.join(literals)})`;
    case 'not_in':
      if (numbers.length < values.length) return null;
      return isNumber(sql<SqlBool>`${column} not in (${sql.join(literals)})`);
    case 'lt':
    case 'lte':
      return ordered(column, operator, literal);
    case 'gt':
    case 'gte':
      return isNumber(ordered(column, operator, literal));
    default:
      return null;
  }
}

function compareBoolean(column: RawBuilder<unknown>, { operator, values }: Comparison) {
  if (operator !== 'in' && operator !== 'not_in') return null;
  const isUnfit = values.some((each) => typeof each !== 'boolean');
  if (operator === 'not_in' && isUnfit) return null;
  const wanted = [true, false].filter((each) => values.includes(each) === (operator === 'in'));
  if (wanted.length === 2) return sql<SqlBool>`${column} in (true, false)`;
  if (wanted.length === 0) return null;
  return wanted[0] ? sql<SqlBool>`${column} = true` : sql<SqlBool>`${column} = false`;
}

/** The moments that RFC 3339 can write: the years 0 to 9999. Beyond them, a value is no instant. */
const FIRST = Date.parse('0000-01-01T00:00:00.000Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

function compareInstant(column: RawBuilder<unknown>, comparison: Comparison, dialect: Dialect) {
  const { operator, values } = comparison;
  const moments = values.map(momentOf);
  const [moment] = moments;
  if (moment === undefined) return null;
  const milliseconds = (each: number) =>
    dialect === 'postgres' ? sql`cast(${each} as bigint)` : sql`${each}`;
  const isInstant = sql<SqlBool>`${column} between ${milliseconds(FIRST)} and ${milliseconds(LAST)}`;
  switch (operator) {
    case 'in':
    case 'not_in': {
      if (operator === 'not_in' && moments.includes(null)) return null;
      // No column holds what lies between two milliseconds.
      const whole = moments.flatMap((each) =>
        each === null || each.isBetween ? [] : [milliseconds(each.milliseconds)],
      );
      if (operator === 'in') {
        return whole.length === 0 ? null : sql<SqlBool>`${column} in (${sql.join(whole)})`;
      }
      if (whole.length === 0) return isInstant;
      return sql<SqlBool>`(${column} not in (${sql.join(whole)}) and ${isInstant})`;
    }
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte': {
      if (moment === null) return null;
      const sign = moment.isBetween ? aroundBetween[operator] : operator;
      return sql<SqlBool>`(${ordered(column, sign, milliseconds(moment.milliseconds))} and ${isInstant})`;
    }
    default:
      return null;
  }
}

/** How whole milliseconds stand to a moment after `milliseconds` and before the next one. */
const aroundBetween = { lt: 'lte', lte: 'lte', gt: 'gt', gte: 'gt' } as const;

interface Moment {
  readonly milliseconds: number;
  readonly isBetween: boolean;
}

function momentOf(literal: Literal): Moment | null {
  const instant = typeof literal === 'string' ? instantOf(literal) : null;
  if (instant === null) return null;
  const fraction = instant.slice(20);
  return {
    milliseconds:
      Date.parse(`${instant.slice(0, 19)}Z`) + Number(fraction.slice(0, 3).padEnd(3, '0')),
    isBetween: fraction.length > 3,
  };
}

function ordered(left: RawBuilder<unknown>, operator: Order, right: RawBuilder<unknown>): Sql {
  switch (operator) {
    case 'lt':
      return sql<SqlBool>`${left} < ${right}`;
    case 'lte':
      return sql<SqlBool>`${left} <= ${right}`;
    case 'gt':
      return sql<SqlBool>`${left} > ${right}`;
    case 'gte':
      return sql<SqlBool>`${left} >= ${right}`;
  }
}

function isKnown(column: RawBuilder<unknown>): Sql {
  return sql<SqlBool>`${column} is not null`;
}
