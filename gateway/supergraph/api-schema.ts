import {
  type ASTNode,
  buildASTSchema,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type NamedTypeNode,
  parse,
  visit,
} from 'graphql';
import { readLinks } from './links.ts';

/** Directives of GraphQL itself that clients can see in a schema. */
const visibleDirectives = new Set(['deprecated', 'specifiedBy', 'oneOf']);

const executableLocations = new Set([
  'QUERY',
  'MUTATION',
  'SUBSCRIPTION',
  'FIELD',
  'FRAGMENT_DEFINITION',
  'FRAGMENT_SPREAD',
  'INLINE_FRAGMENT',
  'VARIABLE_DEFINITION',
]);

/** GraphQL 16 does not know it yet. */
const defer = parse(
  'directive @defer(label: String, if: Boolean! = true) on FRAGMENT_SPREAD | INLINE_FRAGMENT',
  { noLocation: true },
).definitions;

/**
 * The schema that clients see of a supergraph: what composition added for routers is taken away,
 * and so is every element marked `@inaccessible` (https://specs.apollo.dev/inaccessible/v0.2/).
 */
export function buildApiSchema(supergraph: DocumentNode): GraphQLSchema {
  const links = readLinks(supergraph);
  const ofRouters = links.filter((link) => link.isOfFederation);
  const inaccessible =
    links.find((link) => link.feature === 'inaccessible')?.name ?? 'inaccessible';
  const isHidden = (node: { readonly directives?: readonly ConstDirectiveNode[] }): boolean =>
    node.directives?.some((directive) => directive.name.value === inaccessible) ?? false;
  const isOfRouters = (name: string): boolean =>
    ofRouters.some((link) => name.startsWith(`${link.name}__`) || name === link.name);

  const hiddenTypes = new Set<string>();
  for (const definition of supergraph.definitions) {
    if ('directives' in definition && 'name' in definition && definition.name !== undefined) {
      if (isHidden(definition as { directives?: readonly ConstDirectiveNode[] })) {
        hiddenTypes.add(definition.name.value);
      }
    }
  }
  const isKept = (definition: DefinitionNode): boolean => {
    if (definition.kind === Kind.SCHEMA_DEFINITION) return true;
    if (!('name' in definition) || definition.name === undefined) return false;
    const name = definition.name.value;
    if (definition.kind === Kind.DIRECTIVE_DEFINITION) {
      const executable = definition.locations.some((place) => executableLocations.has(place.value));
      return executable && !isOfRouters(name);
    }
    return !isOfRouters(name) && !hiddenTypes.has(name);
  };
  const isNamedAndKept = (type: NamedTypeNode): boolean => !hiddenTypes.has(type.name.value);

  const document = visit(
    { ...supergraph, definitions: supergraph.definitions.filter(isKept) },
    {
      enter(node: ASTNode) {
        if (
          'directives' in node &&
          isHidden(node as { directives?: readonly ConstDirectiveNode[] })
        ) {
          return null;
        }
        if (node.kind === Kind.DIRECTIVE) {
          return visibleDirectives.has(node.name.value) ? undefined : null;
        }
        if (node.kind === Kind.UNION_TYPE_DEFINITION) {
          return { ...node, types: (node.types ?? []).filter(isNamedAndKept) };
        }
        if (
          node.kind === Kind.OBJECT_TYPE_DEFINITION ||
          node.kind === Kind.INTERFACE_TYPE_DEFINITION
        ) {
          return { ...node, interfaces: (node.interfaces ?? []).filter(isNamedAndKept) };
        }
        return undefined;
      },
    },
  );
  const isDefined = document.definitions.some(
    (each) => each.kind === Kind.DIRECTIVE_DEFINITION && each.name.value === 'defer',
  );
  const definitions = isDefined ? document.definitions : [...document.definitions, ...defer];
  return buildASTSchema({ ...document, definitions }, { assumeValidSDL: true });
}
