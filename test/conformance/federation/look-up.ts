type Item = Readonly<Record<string, unknown>>;

/**
 * A `__resolveReference` (or a root field's resolver, by its arguments) over a list: the first item that
 * has every one of `keys` which the representation carries, null when there is none.
 */
export function lookUp<T extends object>(
  items: readonly T[],
  ...keys: readonly (keyof T & string)[]
) {
  return (representation: Item): T | null => {
    const asked = keys.filter((key) => representation[key] !== undefined);
    if (asked.length === 0) return null;
    return items.find((item) => asked.every((key) => item[key] === representation[key])) ?? null;
  };
}
