import { invalidArgument } from '../invalid-argument.ts';
import type { GrantLimits } from '../limits.ts';
import {
  type Comparison,
  type Condition,
  isNever,
  type Literal,
  measure,
  type Operator,
  opposites,
} from './condition.ts';
import { type Suffix, splitKey } from './condition-key.ts';
import { instantOf, kindOf } from './literal.ts';
import { simplify } from './simplify-condition.ts';

const MAX_NESTING = 40;
const MAX_NODES = 4_000;

/**
 * Reads a condition that somebody wrote, in either spelling of the connectives (`_and` or `AND`), into the one
 * form of them all. Members of an object all have to hold. Of a list under `_not` none may hold.
 *
 * @throws CodedError BAD_USER_INPUT with the path of the mistake in `extensions.argument`
 * @example readCondition({ title_starts_with: 'Draft', _or: [{ author: 'u1' }, { author: null }] }, 'where', limits)
 */
export function readCondition(value: unknown, path: string, limits: GrantLimits): Condition {
  const reader = new ConditionReader();
  const isEmpty = isObject(value) && Object.keys(value).length === 0;
  // Only at the top is an empty object "no condition"; deeper it could undo all others.
  const condition = simplify(
    isEmpty ? { kind: 'and', conditions: [] } : reader.object(value, path, false, 0),
  );
  if (isNever(condition)) throw invalidArgument(path, 'nothing can meet this condition');
  const { depth, comparisons } = measure(condition);
  if (depth > limits.conditionDepth) {
    throw invalidArgument(path, `is nested more than ${limits.conditionDepth} deep`);
  }
  if (comparisons > limits.conditionComparisons) {
    throw invalidArgument(path, `holds more than ${limits.conditionComparisons} comparisons`);
  }
  return condition;
}

class ConditionReader {
  #nodes = 0;

  object(value: unknown, path: string, negated: boolean, depth: number): Condition {
    this.#count(path, depth);
    if (!isObject(value)) throw invalidArgument(path, 'must be an object of comparisons');
    const entries = Object.entries(value);
    if (entries.length === 0) throw invalidArgument(path, 'must not be empty');
    const conditions = entries.map(([key, member]) => {
      const place = `${path}.${key.slice(0, 160)}`;
      switch (key) {
        case '_and':
        case 'AND':
          return this.#list(member, place, negated ? 'or' : 'and', negated, depth);
        case '_or':
        case 'OR':
          return this.#list(member, place, negated ? 'and' : 'or', negated, depth);
        case '_not':
        case 'NOT':
          return this.#list(member, place, negated ? 'or' : 'and', !negated, depth);
        default:
          this.#count(place, depth);
          return readComparison(key, member, place, negated);
      }
    });
    return { kind: negated ? 'or' : 'and', conditions };
  }

  #list(
    value: unknown,
    path: string,
    kind: 'and' | 'or',
    negated: boolean,
    depth: number,
  ): Condition {
    // One object stands for a list of one, as it does in GraphQL.
    if (!Array.isArray(value)) return this.object(value, path, negated, depth + 1);
    if (value.length === 0) throw invalidArgument(path, 'must not be empty');
    if (value.length > MAX_NODES) throw invalidArgument(path, 'is too large');
    const conditions = value.map((member, index) =>
      this.object(member, `${path}[${index}]`, negated, depth + 1),
    );
    return { kind, conditions };
  }

  #count(path: string, depth: number): void {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES) throw invalidArgument(path, 'is too large');
    if (depth > MAX_NESTING) throw invalidArgument(path, 'is nested too deep');
  }
}

function readComparison(key: string, value: unknown, path: string, negated: boolean): Condition {
  const { field, suffix } = splitKey(key);
  // Double underscores are GraphQL's own, and one in front is ours.
  if (!/^[A-Za-z][_0-9A-Za-z]{0,127}$/.test(field)) {
    throw invalidArgument(path, 'is neither a field with an operator nor _and, _or or _not');
  }
  if (/_contains_(?:all|some|none)$|_search$/.test(key)) {
    throw invalidArgument(path, 'lists and searches cannot be used in conditions');
  }
  const made = (operator: Operator, values: readonly Literal[]): Comparison => ({
    kind: 'compare',
    field,
    operator: negated ? opposites[operator] : operator,
    values,
  });
  switch (suffix) {
    case '':
    case 'not': {
      const isNot = suffix === 'not';
      if (value === null) return made(isNot ? 'not_null' : 'null', []);
      return made(isNot ? 'not_in' : 'in', [readLiteral(value, path)]);
    }
    case 'in':
    case 'not_in':
      return readList(value, path, suffix, negated, made);
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte': {
      const literal = readLiteral(value, path);
      if (typeof literal === 'boolean') throw invalidArgument(path, 'true and false have no order');
      return made(suffix, [literal]);
    }
    default:
      return made(suffix, [readText(value, path)]);
  }
}

function readList(
  value: unknown,
  path: string,
  suffix: Extract<Suffix, 'in' | 'not_in'>,
  negated: boolean,
  made: (operator: Operator, values: readonly Literal[]) => Comparison,
): Condition {
  if (!Array.isArray(value) || value.length === 0) {
    throw invalidArgument(path, 'must be a list that is not empty');
  }
  if (value.length > MAX_NODES) throw invalidArgument(path, 'is too large');
  const literals = value.flatMap((member: unknown, index) =>
    member === null ? [] : [readLiteral(member, `${path}[${index}]`)],
  );
  if (new Set(literals.map(kindOf)).size > 1) {
    throw invalidArgument(path, 'must hold values of one kind');
  }
  const parts = literals.length === 0 ? [] : [made(suffix, literals)];
  if (literals.length === value.length) return parts[0] as Comparison; // The list is not empty.
  parts.push(made(suffix === 'in' ? 'null' : 'not_null', []));
  return { kind: (suffix === 'in') === negated ? 'and' : 'or', conditions: parts };
}

function readLiteral(value: unknown, path: string): Literal {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'number':
      // Beyond 2^53 JSON numbers lose digits, and with them which record is meant.
      if (Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value + 0;
      throw invalidArgument(path, 'is a number too large to be exact');
    case 'string': {
      const text = readText(value, path);
      const instant = instantOf(text);
      return instant === null ? text : `${instant}Z`;
    }
    default:
      throw invalidArgument(path, 'must be a text, a number, true, false or null');
  }
}

function readText(value: unknown, path: string): string {
  if (typeof value !== 'string') throw invalidArgument(path, 'must be a text');
  // No database stores these, and two of them may be made one on the way.
  if (value.includes('\0') || !value.isWellFormed()) {
    throw invalidArgument(path, 'holds a character that cannot be stored');
  }
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
