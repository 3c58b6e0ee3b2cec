import composition from '@apollo/composition';
import { type ASTNode, type DocumentNode, GraphQLError, getLocation } from 'graphql';
import { coordinateAt } from './coordinate-at.ts';

/** A subgraph whose schema has been read. The name of the document's source says where it was read from. */
export interface LoadedSubgraph {
  readonly name: string;
  readonly routingUrl: string;
  readonly document: DocumentNode;
}

/** Something that composition says of the subgraphs. */
export interface Finding {
  /** Apollo's code of the error or hint, e.g. FIELD_TYPE_MISMATCH. */
  readonly code: string;
  readonly message: string;
  /** The definitions that it is about. */
  readonly places: readonly FindingPlace[];
}

export interface FindingPlace {
  readonly subgraph: string;
  /** `file:line:column`, or a URL in place of the file. */
  readonly location: string;
  /** The schema coordinate, e.g. `User.email`; absent for what has none, such as `extend schema`. */
  readonly coordinate: string | undefined;
}

export type Composed =
  | { readonly kind: 'supergraph'; readonly sdl: string; readonly hints: readonly Finding[] }
  | { readonly kind: 'errors'; readonly errors: readonly Finding[] };

/**
 * Composes subgraphs as rover does, with Apollo's composition, in this process.
 *
 * @param newest the newest federation specification that a subgraph may link (2.9.0), null for any known one
 */
export function composeSupergraph(
  subgraphs: readonly LoadedSubgraph[],
  newest: string | null,
): Composed {
  const documents = new Map(subgraphs.map(({ name, document }) => [name, document]));
  const tooNew =
    newest === null ? [] : subgraphs.flatMap((subgraph) => linkBeyond(subgraph, newest));
  if (tooNew.length > 0) {
    return { kind: 'errors', errors: tooNew.map((error) => findingOf(error, documents)) };
  }
  const services = subgraphs.map(({ name, routingUrl, document }) => ({
    name,
    url: routingUrl,
    typeDefs: document,
  }));
  const result = composition.composeServices(services);
  if (result.errors !== undefined) {
    return { kind: 'errors', errors: result.errors.map((error) => findingOf(error, documents)) };
  }
  const hints = result.hints
    // Those tell of what composition did by the book.
    .filter(({ definition }) => definition.level.name !== 'DEBUG')
    .map(({ definition, message, nodes }) => ({
      code: definition.code,
      message,
      places: placesOf(nodes ?? [], documents),
    }));
  const sdl = result.supergraphSdl.endsWith('\n')
    ? result.supergraphSdl
    : `${result.supergraphSdl}\n`;
  return { kind: 'supergraph', sdl, hints };
}

/** An exact `federation_version` composes with that version's rules, so newer links are not known to it. */
function linkBeyond({ name, document }: LoadedSubgraph, newest: string): GraphQLError[] {
  const [, minor = '0'] = newest.split('.');
  return document.definitions.flatMap((definition) => {
    if (definition.kind !== 'SchemaExtension' && definition.kind !== 'SchemaDefinition') return [];
    const text = document.loc?.source.body.slice(definition.loc?.start, definition.loc?.end) ?? '';
    const linked = /"https:\/\/specs\.apollo\.dev\/federation\/v2\.(\d+)"/.exec(text)?.[1];
    if (linked === undefined || Number(linked) <= Number(minor)) return [];
    const message = `[${name}] Federation v2.${linked} is linked, but federation_version is =${newest}`;
    const extensions = { code: 'UNKNOWN_FEDERATION_LINK_VERSION' };
    return [new GraphQLError(message, { nodes: withSubgraph(definition, name), extensions })];
  });
}

function findingOf(error: GraphQLError, documents: ReadonlyMap<string, DocumentNode>): Finding {
  const { code } = error.extensions;
  return {
    code: typeof code === 'string' ? code : 'UNKNOWN',
    message: error.message,
    places: placesOf(error.nodes ?? [], documents),
  };
}

function placesOf(
  nodes: readonly (ASTNode & { readonly subgraph?: string })[],
  documents: ReadonlyMap<string, DocumentNode>,
): FindingPlace[] {
  return nodes.flatMap(({ subgraph, loc }) => {
    const document = subgraph === undefined ? undefined : documents.get(subgraph);
    // Composition adds definitions of its own, and parses field sets apart: those are in no file.
    if (subgraph === undefined || document === undefined || loc?.source !== document.loc?.source) {
      return [];
    }
    if (loc === undefined) return [];
    const { line, column } = getLocation(loc.source, loc.start);
    const location = `${loc.source.name}:${line}:${column}`;
    return [{ subgraph, location, coordinate: coordinateAt(document, loc.start) }];
  });
}

function withSubgraph<Node extends ASTNode>(node: Node, subgraph: string): Node {
  return { ...node, subgraph };
}
