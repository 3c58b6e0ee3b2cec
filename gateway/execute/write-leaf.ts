import { type GraphQLOutputType, getNamedType, isEnumType } from 'graphql';
import { writeExact } from './exact-json.ts';

/** How a leaf is written; null when the value cannot be one. Custom scalars pass through as they are. */
export function compileLeaf(type: GraphQLOutputType): (value: unknown) => string | null {
  if (isEnumType(type)) {
    const texts = new Map<unknown, string>(
      type.getValues().map((value) => [value.name, JSON.stringify(value.name)]),
    );
    return (value) => texts.get(value) ?? null;
  }
  switch (getNamedType(type).name) {
    case 'String':
    case 'ID':
      return (value) =>
        typeof value === 'string'
          ? quote(value)
          : isFiniteNumber(value) || typeof value === 'boolean' || typeof value === 'bigint'
            ? `"${value}"`
            : null;
    case 'Int':
      // 32 bits and no fraction (GraphQL specification, §3.5.1); -0 is written as 0.
      return (value) => (typeof value === 'number' && (value | 0) === value ? String(value) : null);
    case 'Float':
      return (value) => {
        if (isFiniteNumber(value)) return String(value);
        return typeof value === 'bigint' && isFiniteNumber(Number(value)) ? String(value) : null;
      };
    case 'Boolean':
      return (value) => (typeof value === 'boolean' ? String(value) : null);
    default:
      return writeAny;
  }
}

/** Control characters, the quote, the backslash, and surrogates (which may stand alone). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what JSON has to escape
export const escaped = /["\\\u0000-\u001f\ud800-\udfff]/;

/** A string as JSON text. Few hold anything to escape, and to find that out is cheaper than JSON.stringify. */
export function quote(text: string): string {
  return escaped.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** `1e999` is a JSON number that JSON cannot write. */
function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function writeAny(value: unknown): string | null {
  try {
    return writeExact(value);
  } catch (error) {
    // Nested deeper than the stack: only a broken subgraph answers so.
    if (error instanceof RangeError) return null;
    throw error;
  }
}
