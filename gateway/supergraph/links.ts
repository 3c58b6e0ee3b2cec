import { type DirectiveNode, type DocumentNode, Kind, type ValueNode } from 'graphql';

/** A feature that a schema links. */
export interface Link {
  /** The feature's own name, from its URL. */
  readonly feature: string;
  /** The name it has in this document. */
  readonly name: string;
  /** Whether its specification is one of federation's own, not one that a subgraph's team wrote. */
  readonly isOfFederation: boolean;
  /** Whether resolving fields without heeding it would be unsafe. */
  readonly isForSecurity: boolean;
  /** The names that its directives have in this document, by their own, where it imports them. */
  readonly imports: ReadonlyMap<string, string>;
}

const federationSpecifications = 'https://specs.apollo.dev/';

/** The features that the schema links (https://specs.apollo.dev/link/v1.0/). */
export function readLinks(document: DocumentNode): readonly Link[] {
  const links: Link[] = [];
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) {
      continue;
    }
    for (const directive of definition.directives ?? []) {
      const url = textOf(argumentOf(directive, 'url')) ?? textOf(argumentOf(directive, 'feature'));
      const feature = url === null ? null : /\/([^/]+)\/v\d+\.\d+\/?$/.exec(url)?.[1];
      if (url === null || feature === null || feature === undefined) continue;
      const purpose = argumentOf(directive, 'for');
      links.push({
        feature,
        name: textOf(argumentOf(directive, 'as')) ?? feature,
        isOfFederation: url.startsWith(federationSpecifications),
        isForSecurity: purpose?.kind === Kind.ENUM && purpose.value === 'SECURITY',
        imports: importsOf(argumentOf(directive, 'import')),
      });
    }
  }
  return links;
}

/**
 * The name that a directive of a feature has in this document: the one it is imported under, the feature's where
 * it is the feature's main one, otherwise `feature__directive`.
 */
export function directiveNameOf({ feature, name, imports }: Link, directive: string): string {
  return imports.get(directive) ?? (directive === feature ? name : `${name}__${directive}`);
}

/** Each import is `"@directive"`, or `{ name: "@directive", as: "@another" }`. */
function importsOf(list: ValueNode | undefined): ReadonlyMap<string, string> {
  const imports = new Map<string, string>();
  for (const each of list?.kind === Kind.LIST ? list.values : []) {
    const member = (name: string): string | null =>
      each.kind === Kind.OBJECT
        ? textOf(each.fields.find((field) => field.name.value === name)?.value)
        : null;
    const name = textOf(each) ?? member('name');
    if (name?.startsWith('@')) imports.set(name.slice(1), (member('as') ?? name).slice(1));
  }
  return imports;
}

function argumentOf(directive: DirectiveNode, name: string): ValueNode | undefined {
  return directive.arguments?.find((each) => each.name.value === name)?.value;
}

function textOf(value: ValueNode | undefined): string | null {
  return value?.kind === Kind.STRING ? value.value : null;
}
