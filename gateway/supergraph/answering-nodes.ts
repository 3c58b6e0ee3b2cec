import {
  type FieldDefinitionNode,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  Kind,
  type TypeDefinitionNode,
} from 'graphql';
import { joinArgumentsOf } from './members.ts';

/**
 * What is said of how subgraphs answer a field: by the field itself, or where an `@interfaceObject` has given it to
 * the objects of an interface, by that interface's.
 */
export function answeringNodes(
  type: GraphQLObjectType | GraphQLInterfaceType,
  field: string,
  definitions: ReadonlyMap<string, TypeDefinitionNode>,
): readonly FieldDefinitionNode[] {
  const node = fieldNodesOf(definitions.get(type.name)).get(field);
  if (node === undefined) return [];
  const joined = joinArgumentsOf(node.directives ?? [], 'join__field');
  if (joined.length === 0 || joined.some(({ graph }) => graph !== undefined)) return [node];
  return type
    .getInterfaces()
    .filter((parent) => parent.getFields()[field] !== undefined)
    .flatMap((parent) => answeringNodes(parent, field, definitions));
}

export function fieldNodesOf(
  definition: TypeDefinitionNode | undefined,
): ReadonlyMap<string, FieldDefinitionNode> {
  const hasFields =
    definition?.kind === Kind.OBJECT_TYPE_DEFINITION ||
    definition?.kind === Kind.INTERFACE_TYPE_DEFINITION;
  const fields = hasFields ? (definition.fields ?? []) : [];
  return new Map(fields.map((field) => [field.name.value, field]));
}
