import { type GraphQLOutputType, getNamedType, isEnumType } from 'graphql';

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
          ? JSON.stringify(value)
          : typeof value === 'number' || typeof value === 'boolean'
            ? `"${value}"`
            : null;
    case 'Int':
    case 'Float':
      return (value) => (typeof value === 'number' ? String(value) : null);
    case 'Boolean':
      return (value) => (typeof value === 'boolean' ? String(value) : null);
    default:
      return (value) => JSON.stringify(value);
  }
}
