import {
  type DirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isTypeDefinitionNode,
  isUnionType,
  Kind,
  type OperationTypeNode,
  parse,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import { answeringNodes, fieldNodesOf } from './answering-nodes.ts';
import { directiveNameOf, type Link, readLinks } from './links.ts';
import { graphNamesOf, joinArgumentsOf } from './members.ts';

/** A directive on an element of the supergraph, by the name that its own specification gives it. */
export interface AppliedDirective {
  /** The feature and its main directive, `authenticated`. */
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A field of an object or an interface, as clients see it. */
export interface FieldCoordinate {
  /** Its place in `Coordinates.fields`, and its bit in a view. */
  readonly index: number;
  /** `Type.field` (GraphQL specification, §3.3: schema coordinates). */
  readonly coordinate: string;
  readonly type: TypeCoordinate;
  readonly name: string;
  /** The name of its type, without lists and non-nulls. */
  readonly returns: string;
  /** That type, when it has fields or members. */
  readonly composite: TypeCoordinate | null;
  /** The names of the subgraphs that can answer it. */
  readonly subgraphs: readonly string[];
  readonly directives: readonly AppliedDirective[];
  /** Those of its type, when that is a scalar or an enum. */
  readonly leafDirectives: readonly AppliedDirective[];
  /** The fields that subgraphs are given to answer it (`@requires`, `@fromContext`), without those of keys. */
  readonly requires: readonly FieldCoordinate[];
}

/** A type with fields or members. */
export interface TypeCoordinate {
  readonly index: number;
  readonly name: string;
  readonly kind: 'object' | 'interface' | 'union';
  /** What kind of operation begins at it; null for the others. */
  readonly operation: OperationTypeNode | null;
  readonly fields: readonly FieldCoordinate[];
  /** The types of objects, of an interface or union. */
  readonly members: readonly TypeCoordinate[];
  /** The interfaces, of an object or interface. */
  readonly interfaces: readonly TypeCoordinate[];
  /** The names of the fields that any of its keys begins with. */
  readonly keys: ReadonlySet<string>;
  readonly directives: readonly AppliedDirective[];
}

/** Everything in a supergraph that somebody may or may not touch, with what is said of it. */
export interface Coordinates {
  readonly schema: GraphQLSchema;
  readonly fields: readonly FieldCoordinate[];
  readonly types: readonly TypeCoordinate[];
  fieldOf(type: string, field: string): FieldCoordinate | undefined;
  typeOf(name: string): TypeCoordinate | undefined;
  /** Whether the supergraph links a feature that guards fields. */
  readonly isGuarded: boolean;
}

type Building<Value> = { -readonly [Key in keyof Value]: Value[Key] };
type BuildingField = Building<FieldCoordinate> & { requires: FieldCoordinate[] };
type BuildingType = Building<TypeCoordinate> & {
  fields: FieldCoordinate[];
  members: TypeCoordinate[];
  interfaces: TypeCoordinate[];
};

/** Reads the coordinates of a supergraph. `schema` is what clients see of it. */
export function readCoordinates(document: DocumentNode, schema: GraphQLSchema): Coordinates {
  const links = readLinks(document).filter(({ feature }) => !notTold.has(feature));
  const graphs = graphNamesOf(document);
  const definitions = new Map(
    document.definitions.filter(isTypeDefinitionNode).map((each) => [each.name.value, each]),
  );
  const directivesOf = (name: string): readonly AppliedDirective[] =>
    applied(definitions.get(name)?.directives ?? [], links);
  const roots = new Map(
    operations.flatMap((operation) => {
      const type = schema.getRootType(operation);
      return type ? [[type.name, operation] as const] : [];
    }),
  );

  const types: BuildingType[] = [];
  const byName = new Map<string, BuildingType>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isCompositeType(type) || type.name.startsWith('__')) continue;
    const joined = joinArgumentsOf(definitions.get(type.name)?.directives ?? [], 'join__type');
    const coordinate: BuildingType = {
      index: types.length,
      name: type.name,
      kind: isUnionType(type) ? 'union' : isInterfaceType(type) ? 'interface' : 'object',
      operation: roots.get(type.name) ?? null,
      fields: [],
      members: [],
      interfaces: [],
      keys: new Set(joined.flatMap(({ key }) => (key === undefined ? [] : fieldNamesOf(key)))),
      directives: directivesOf(type.name),
    };
    types.push(coordinate);
    byName.set(type.name, coordinate);
  }

  const fields: BuildingField[] = [];
  const byCoordinate = new Map<string, BuildingField>();
  for (const type of types) {
    const definition = schema.getType(type.name);
    if (isUnionType(definition) || isInterfaceType(definition)) {
      type.members = schema
        .getPossibleTypes(definition)
        .flatMap(({ name }) => byName.get(name) ?? []);
    }
    if (!isObjectType(definition) && !isInterfaceType(definition)) continue;
    type.interfaces = definition.getInterfaces().flatMap(({ name }) => byName.get(name) ?? []);
    const nodes = fieldNodesOf(definitions.get(type.name));
    const own = joinArgumentsOf(definitions.get(type.name)?.directives ?? [], 'join__type');
    for (const field of Object.values(definition.getFields())) {
      const returns = getNamedType(field.type);
      const directives = nodes.get(field.name)?.directives ?? [];
      const joined = answeringNodes(definition, field.name, definitions).flatMap((node) =>
        joinArgumentsOf(node.directives ?? [], 'join__field'),
      );
      const answering =
        joined.length === 0
          ? own
          : joined.filter(
              ({ external, usedOverridden }) => external !== 'true' && usedOverridden !== 'true',
            );
      const subgraphs = answering.flatMap(({ graph }) => graphs.get(graph ?? '') ?? []);
      const coordinate: BuildingField = {
        index: fields.length,
        coordinate: `${type.name}.${field.name}`,
        type,
        name: field.name,
        returns: returns.name,
        composite: byName.get(returns.name) ?? null,
        subgraphs: [...new Set(subgraphs)],
        directives: applied(directives, links),
        leafDirectives: isCompositeType(returns) ? [] : directivesOf(returns.name),
        requires: [],
      };
      fields.push(coordinate);
      byCoordinate.set(coordinate.coordinate, coordinate);
      type.fields.push(coordinate);
    }
  }
  const contexts = (name: string): readonly TypeCoordinate[] =>
    types
      .filter(({ directives }) =>
        directives.some((each) => each.name === 'context' && each.arguments.name === name),
      )
      .flatMap((type) => (type.kind === 'union' ? type.members : [type]));
  for (const type of types) {
    const definition = schema.getType(type.name);
    if (!isObjectType(definition) && !isInterfaceType(definition)) continue;
    for (const field of type.fields as BuildingField[]) {
      const nodes = answeringNodes(definition, field.name, definitions);
      const needed = nodes
        .flatMap(requirementsOf)
        .flatMap(({ context, selection }) =>
          requiredFields(context === null ? [type] : contexts(context), selection, byName),
        );
      field.requires = [...new Set(needed)];
    }
  }
  return Object.freeze({
    schema,
    fields,
    types,
    fieldOf: (type, field) => byCoordinate.get(`${type}.${field}`),
    typeOf: (name) => byName.get(name),
    isGuarded: links.some((link) => link.isForSecurity),
  } satisfies Coordinates);
}

const operations = ['query', 'mutation', 'subscription'] as OperationTypeNode[];

/** Features whose directives say nothing of what an element is for. */
const notTold: ReadonlySet<string> = new Set(['link', 'join', 'core']);

function applied(
  directives: readonly DirectiveNode[],
  links: readonly Link[],
): readonly AppliedDirective[] {
  if (directives.length === 0) return [];
  return links.flatMap((link) => {
    const name = directiveNameOf(link, link.feature);
    return directives
      .filter((directive) => directive.name.value === name)
      .map((directive) => ({
        name: link.feature,
        arguments: Object.fromEntries(
          (directive.arguments ?? []).map((each) => [
            each.name.value,
            valueFromASTUntyped(each.value),
          ]),
        ),
      }));
  });
}

/** What subgraphs are given of other objects to answer a field: of its own, or of those that have a context. */
interface Requirement {
  readonly context: string | null;
  readonly selection: SelectionSetNode;
}

function requirementsOf({ directives = [] }: FieldDefinitionNode): readonly Requirement[] {
  const found: Requirement[] = [];
  for (const { name, arguments: given = [] } of directives) {
    if (name.value !== 'join__field') continue;
    const argument = (named: string): unknown => {
      const node = given.find((each) => each.name.value === named)?.value;
      return node && valueFromASTUntyped(node);
    };
    const requires = argument('requires');
    if (typeof requires === 'string') {
      found.push({ context: null, selection: selectionOf(requires) });
    }
    const contextual = argument('contextArguments');
    for (const each of Array.isArray(contextual) ? contextual : []) {
      const { context, selection } = each as { context?: unknown; selection?: unknown };
      if (typeof context !== 'string' || typeof selection !== 'string') continue;
      // Either `{ field }`, or `... on Type { field }` for each type that has the context.
      const whole = selection.trim().startsWith('{') ? `... ${selection}` : selection;
      found.push({ context, selection: selectionOf(whole) });
    }
  }
  return found;
}

function selectionOf(fieldSet: string): SelectionSetNode {
  const [definition] = parse(`{ ${fieldSet} }`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError('not a set of fields');
  return definition.selectionSet;
}

function fieldNamesOf(fieldSet: string): string[] {
  return selectionOf(fieldSet).selections.flatMap((each) =>
    each.kind === Kind.FIELD ? [each.name.value] : [],
  );
}

/** The fields of a selection on objects of these types, but for those of keys: whoever joins objects needs them. */
function requiredFields(
  types: readonly TypeCoordinate[],
  { selections }: SelectionSetNode,
  byName: ReadonlyMap<string, TypeCoordinate>,
): FieldCoordinate[] {
  return selections.flatMap((each): FieldCoordinate[] => {
    if (each.kind === Kind.FRAGMENT_SPREAD) return [];
    if (each.kind === Kind.INLINE_FRAGMENT) {
      const condition = each.typeCondition && byName.get(each.typeCondition.name.value);
      return requiredFields(condition ? [condition] : types, each.selectionSet, byName);
    }
    const name = each.name.value;
    return types.flatMap((type) => {
      const field = type.fields.find((one) => one.name === name);
      if (field === undefined) return [];
      const below =
        each.selectionSet && field.composite
          ? requiredFields([field.composite], each.selectionSet, byName)
          : [];
      return type.keys.has(name) ? below : [field, ...below];
    });
  });
}
