import { type Operator, opposites } from './condition.ts';

/** What a key can end with: an operator's name, `not`, or nothing for equality. */
export type Suffix = Exclude<Operator, 'null' | 'not_null'> | 'not' | '';

// The longest first: `title_not_in` is about `title`, not about `title_not`.
const suffixes: readonly Suffix[] = [
  ...Object.keys(opposites).filter((name) => name !== 'null' && name !== 'not_null'),
  'not',
].toSorted((a, b) => b.length - a.length) as Suffix[]; // `keys` forgets that these are names of operators.

/** The field that a key is about, and its operator: `title_not_in` → `title`, `not_in`. */
export function splitKey(key: string): { readonly field: string; readonly suffix: Suffix } {
  for (const suffix of suffixes) {
    const length = key.length - suffix.length - 1;
    if (length > 0 && key.endsWith(`_${suffix}`)) return { field: key.slice(0, length), suffix };
  }
  return { field: key, suffix: '' };
}
