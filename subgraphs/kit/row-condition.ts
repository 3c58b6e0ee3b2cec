import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Comparison, Condition } from '#contract/permissions/conditions/condition.ts';
import type { Decision, Residual } from '#contract/permissions/decide.ts';
import { compareColumn } from './compare-column.ts';
import type { RecordColumns } from './record-columns.ts';

/**
 * A decision as a condition in SQL: true for the rows that `allowsRecord` lets the caller at, and for no others.
 *
 * Null is unknown, as it is there; so is a field without a column. All values are parameters.
 * @example database.selectFrom('post').selectAll().where(rowCondition(rows, postColumns))
 */
export function rowCondition(decision: Decision, columns: RecordColumns): RawBuilder<SqlBool> {
  if (decision.outcome === 'allow') return everyRow;
  if (decision.outcome === 'deny') return noRow;
  return joined(
    'or',
    decision.alternatives.map((each) => residual(each, columns)),
  );
}

const everyRow = sql<SqlBool>`true`;
const noRow = sql<SqlBool>`false`;

function residual({ stages, locales, where }: Residual, columns: RecordColumns) {
  const parts: RawBuilder<SqlBool>[] = [];
  if (stages !== undefined) parts.push(among(columns.stage, stages, columns));
  if (locales !== undefined) parts.push(among(columns.locale, locales, columns));
  if (where !== undefined) parts.push(condition(where, columns));
  return joined('and', parts);
}

function among(field: string | undefined, values: readonly string[], columns: RecordColumns) {
  if (field === undefined) return noRow;
  return comparison({ kind: 'compare', field, operator: 'in', values }, columns);
}

function condition(each: Condition, columns: RecordColumns): RawBuilder<SqlBool> {
  if (each.kind === 'compare') return comparison(each, columns);
  return joined(
    each.kind,
    each.conditions.map((part) => condition(part, columns)),
  );
}

function comparison(each: Comparison, { fields, dialect }: RecordColumns): RawBuilder<SqlBool> {
  // Own members alone: a record has no field `constructor`.
  const column = Object.hasOwn(fields, each.field) ? fields[each.field] : undefined;
  if (column === undefined) return noRow;
  return compareColumn(column, each, dialect) ?? noRow;
}

/** Nothing negates any of it, so that "unknown" may stay what it is: it is not true. */
function joined(kind: 'and' | 'or', parts: readonly RawBuilder<SqlBool>[]): RawBuilder<SqlBool> {
  const [only] = parts;
  if (only === undefined) return kind === 'and' ? everyRow : noRow;
  if (parts.length === 1) return only;
  return sql<SqlBool>`(${sql.join(parts, kind === 'and' ? sql` and ` : sql` or `)})`;
}
