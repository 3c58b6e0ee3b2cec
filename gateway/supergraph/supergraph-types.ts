import {
  type ASTNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  parse,
  type TypeNode,
  visit,
} from 'graphql';

/**
 * What the executor has to know of the supergraph's types, those included that clients do not see.
 * Names that are in no supergraph match nothing.
 */
export interface SupergraphTypes {
  /** Whether an object that a subgraph calls `typeName` meets a type condition. */
  matches(condition: string, typeName: string): boolean;
  isKnown(typeName: string): boolean;
  isAbstract(typeName: string): boolean;
  /** The names of the types of objects that meet a type condition. */
  objectsOf(condition: string): readonly string[];
  /** The name of the type of a field, without lists and non-nulls; null where there is none. */
  typeOfField(typeName: string, field: string): string | null;
  /** The names of all fields of all types. */
  readonly fieldNames: ReadonlySet<string>;
  /** The names of fields that some `@requires` asks for with arguments of its own. */
  readonly requiredWithArguments: ReadonlySet<string>;
  /** The name of the root type of an operation. */
  rootType(operation: 'query' | 'mutation' | 'subscription'): string;
}

export function readSupergraphTypes(document: DocumentNode): SupergraphTypes {
  const members = new Map<string, Set<string>>();
  const abstract = new Set<string>();
  const fields = new Map<string, Map<string, string>>();
  const fieldNames = new Set<string>();
  const requiredWithArguments = new Set<string>();
  const roots = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' };

  const addMember = (condition: string, name: string): void => {
    const names = members.get(condition);
    if (names === undefined) members.set(condition, new Set([name]));
    else names.add(name);
  };
  for (const definition of document.definitions) {
    switch (definition.kind) {
      case Kind.SCHEMA_DEFINITION:
        for (const root of definition.operationTypes) roots[root.operation] = root.type.name.value;
        break;
      case Kind.UNION_TYPE_DEFINITION:
        abstract.add(definition.name.value);
        for (const member of definition.types ?? []) {
          addMember(definition.name.value, member.name.value);
        }
        break;
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_DEFINITION: {
        const name = definition.name.value;
        // A subgraph that knows an interface as an @interfaceObject answers with the interface's own name.
        addMember(name, name);
        for (const parent of definition.interfaces ?? []) addMember(parent.name.value, name);
        if (definition.kind === Kind.INTERFACE_TYPE_DEFINITION) abstract.add(name);
        const types = new Map<string, string>();
        for (const field of definition.fields ?? []) {
          fieldNames.add(field.name.value);
          types.set(field.name.value, namedType(field.type));
          addRequiredWithArguments(field, requiredWithArguments);
        }
        fields.set(name, types);
        break;
      }
      default:
    }
  }
  return Object.freeze({
    matches: (condition, typeName) =>
      condition === typeName || (members.get(condition)?.has(typeName) ?? false),
    isKnown: (typeName) => members.has(typeName),
    isAbstract: (typeName) => abstract.has(typeName),
    objectsOf: (condition) =>
      Array.from(members.get(condition) ?? []).filter((name) => !abstract.has(name)),
    typeOfField: (typeName, field) => fields.get(typeName)?.get(field) ?? null,
    rootType: (operation) => roots[operation],
    fieldNames,
    requiredWithArguments,
  } satisfies SupergraphTypes);
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}

function addRequiredWithArguments(field: FieldDefinitionNode, names: Set<string>): void {
  for (const directive of field.directives ?? []) {
    if (directive.name.value !== 'join__field') continue;
    const requires = directive.arguments?.find((each) => each.name.value === 'requires')?.value;
    if (requires?.kind !== Kind.STRING || !requires.value.includes('(')) continue;
    visit(parse(`{ ${requires.value} }`, { noLocation: true }), {
      enter(node: ASTNode) {
        if (node.kind === Kind.FIELD && node.arguments?.length) names.add(node.name.value);
      },
    });
  }
}
