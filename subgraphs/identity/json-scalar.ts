import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';

/** Any JSON value (RFC 8259). What comes in is looked at by whoever takes it. */
export const jsonScalar = new GraphQLScalarType({
  name: 'JSON',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => jsonOf(node, variables),
});

function jsonOf(node: ValueNode, variables: Readonly<Record<string, unknown>> | null | undefined) {
  const read = (each: ValueNode): unknown => {
    switch (each.kind) {
      case Kind.STRING:
      case Kind.BOOLEAN:
        return each.value;
      case Kind.INT:
      case Kind.FLOAT:
        return Number(each.value);
      case Kind.NULL:
        return null;
      case Kind.LIST:
        return each.values.map(read);
      case Kind.OBJECT:
        // Own members whatever they are called: `__proto__` is a name like any other.
        return Object.fromEntries(each.fields.map(({ name, value }) => [name.value, read(value)]));
      case Kind.VARIABLE:
        return variables?.[each.name.value] ?? null;
      case Kind.ENUM:
        throw new GraphQLError('JSON has no enum values', { nodes: each });
    }
  };
  return read(node);
}
