import type { Expression } from 'kysely';
import type { RecordFacts } from '#contract/permissions/decide.ts';
import type { Dialect } from './dialect.ts';

/** Where the records of a type lie, for conditions on them: which field is which column, and what it holds. */
export interface RecordColumns {
  readonly dialect: Dialect;
  /** The fields that a condition can ask about. Nothing is known of any other: a condition on it holds for no record. */
  readonly fields: Readonly<Record<string, RecordColumn>>;
  /** The field that holds a record's content stage. Without it, no record is of any stage. */
  readonly stage?: string;
  /** The field that holds a record's locale. Without it, no record is in any locale. */
  readonly locale?: string;
}

export interface RecordColumn {
  /** A column's name, `post.title` or `title`, or an expression in its place. */
  readonly column: string | Expression<unknown>;
  readonly kind: ColumnKind;
}

/**
 * `instant` is milliseconds since the epoch as `bigint`. A `text` never meets a date-time of a condition, whatever it
 * looks like. On SQLite a `boolean` is 0 or 1.
 */
export type ColumnKind = 'text' | 'number' | 'boolean' | 'instant';

/**
 * What conditions see of a record in memory, whose members are called like the fields: the same as its row tells.
 * @example allowsRecord(right, recordFacts(postColumns, post))
 */
export function recordFacts(columns: RecordColumns, record: object): RecordFacts {
  const told: Record<string, unknown> = {};
  for (const [field, { kind }] of Object.entries(columns.fields)) {
    told[field] = valueAs(kind, Reflect.get(record, field));
  }
  const stage = columns.stage === undefined ? undefined : told[columns.stage];
  const locale = columns.locale === undefined ? undefined : told[columns.locale];
  return {
    record: told,
    ...(typeof stage === 'string' && { stage }),
    ...(typeof locale === 'string' && { locale }),
  };
}

/** As its kind, null, or undefined for what is not known: a value of another kind is no value. */
function valueAs(kind: ColumnKind, value: unknown): unknown {
  if (value === null) return null;
  switch (kind) {
    case 'instant':
      return typeof value === 'number' ? new Date(value) : ifKnown(value instanceof Date, value);
    case 'boolean':
      return value === 0 || value === 1 ? value === 1 : ifKnown(typeof value === 'boolean', value);
    case 'number':
      return ifKnown(typeof value === 'number' || typeof value === 'bigint', value);
    case 'text':
      return ifKnown(typeof value === 'string', value);
  }
}

function ifKnown(isKnown: boolean, value: unknown): unknown {
  return isKnown ? value : undefined;
}
