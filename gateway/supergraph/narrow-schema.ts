import {
  buildASTSchema,
  type DefinitionNode,
  type FieldDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
  Kind,
  type NamedTypeNode,
  type OperationTypeDefinitionNode,
  type TypeDefinitionNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Coordinates, TypeCoordinate } from './coordinates.ts';
import type { View } from './view.ts';

/** How many narrowed schemas of one supergraph are kept. One of a large supergraph weighs megabytes. */
const MAX_SCHEMAS = 32;

const schemasOf = new WeakMap<Coordinates, LRUCache<View, GraphQLSchema>>();

/**
 * The schema of what a view shows, for introspection and validation; made at its first use. It holds no more types
 * than can be reached from what is shown. An interface of which no field shows is a union of its types.
 */
export function narrowSchema(view: View): GraphQLSchema {
  const { coordinates } = view;
  if (view.isWhole) return coordinates.schema;
  let schemas = schemasOf.get(coordinates);
  if (schemas === undefined) {
    schemas = new LRUCache({ max: MAX_SCHEMAS });
    schemasOf.set(coordinates, schemas);
  }
  let schema = schemas.get(view);
  if (schema === undefined) {
    schema = buildNarrowed(view);
    schemas.set(view, schema);
  }
  return schema;
}

function buildNarrowed(view: View): GraphQLSchema {
  const { schema, types } = view.coordinates;
  const definitions = new Map<string, DefinitionNode>();
  const directives = schema.getDirectives().flatMap(({ astNode }) => astNode ?? []);
  const pending: string[] = directives.flatMap(({ arguments: given = [] }) => given.map(nameOf));
  const roots = types.filter((type) => type.operation !== null && view.showsType(type));
  pending.push(...roots.map(({ name }) => name));
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const type = schema.getType(name);
    if (definitions.has(name) || type === undefined || isSpecifiedScalarType(type)) continue;
    const definition = narrowed(type, view);
    if (definition === null) continue;
    definitions.set(name, definition);
    pending.push(...namesIn(definition));
    // Types that nobody names, and that answers may be of.
    const { members = [] } = view.coordinates.typeOf(name) ?? {};
    pending.push(...members.filter((each) => view.showsType(each)).map((each) => each.name));
  }
  const operationTypes = roots.map(
    ({ operation, name }): OperationTypeDefinitionNode => ({
      kind: Kind.OPERATION_TYPE_DEFINITION,
      operation: operation as OperationTypeDefinitionNode['operation'],
      type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: name } },
    }),
  );
  return buildASTSchema(
    {
      kind: Kind.DOCUMENT,
      definitions: [
        { kind: Kind.SCHEMA_DEFINITION, operationTypes },
        ...directives,
        ...definitions.values(),
      ],
    },
    { assumeValid: true, assumeValidSDL: true },
  );
}

/** A type's definition with what the view shows of it; null when it shows nothing. */
function narrowed(type: GraphQLNamedType, view: View): TypeDefinitionNode | null {
  const { coordinates } = view;
  const { astNode } = type;
  if (astNode === undefined || astNode === null) return null;
  if (!isObjectType(type) && !isInterfaceType(type) && !isUnionType(type)) return astNode;
  const coordinate = coordinates.typeOf(type.name);
  if (coordinate === undefined || !view.showsType(coordinate)) return null;
  const isShown = ({ name }: NamedTypeNode): boolean => {
    const named = coordinates.typeOf(name.value);
    return named !== undefined && view.showsType(named) && !isUnionInView(named, view);
  };
  if (astNode.kind === Kind.UNION_TYPE_DEFINITION) {
    return { ...astNode, types: (astNode.types ?? []).filter(isShown) };
  }
  if (
    astNode.kind !== Kind.OBJECT_TYPE_DEFINITION &&
    astNode.kind !== Kind.INTERFACE_TYPE_DEFINITION
  ) {
    return null;
  }
  if (isUnionInView(coordinate, view)) {
    const members = coordinate.members.filter((each) => view.showsType(each));
    return {
      kind: Kind.UNION_TYPE_DEFINITION,
      name: astNode.name,
      ...(astNode.description !== undefined && { description: astNode.description }),
      types: members.map(({ name }) => ({
        kind: Kind.NAMED_TYPE,
        name: { kind: Kind.NAME, value: name },
      })),
    };
  }
  const isFieldShown = ({ name }: FieldDefinitionNode): boolean => {
    const field = coordinates.fieldOf(type.name, name.value);
    return field !== undefined && view.shows(field);
  };
  return {
    ...astNode,
    interfaces: (astNode.interfaces ?? []).filter(isShown),
    fields: (astNode.fields ?? []).filter(isFieldShown),
  };
}

/** Whether nothing of an interface shows but its types. */
function isUnionInView(type: TypeCoordinate, view: View): boolean {
  return type.kind === 'interface' && !type.fields.some((field) => view.shows(field));
}

/** The types that a definition names. */
function namesIn(definition: DefinitionNode): readonly string[] {
  switch (definition.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION:
      return [
        ...(definition.interfaces ?? []).map(({ name }) => name.value),
        ...(definition.fields ?? []).flatMap((field) => [
          nameOf(field),
          ...(field.arguments ?? []).map(nameOf),
        ]),
      ];
    case Kind.UNION_TYPE_DEFINITION:
      return (definition.types ?? []).map(({ name }) => name.value);
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      return (definition.fields ?? []).map(nameOf);
    default:
      return [];
  }
}

function nameOf({ type }: { readonly type: FieldDefinitionNode['type'] }): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type);
}
