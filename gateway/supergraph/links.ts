import { type DocumentNode, Kind } from 'graphql';

/** A feature that a schema links. */
export interface Link {
  /** The feature's own name, from its URL. */
  readonly feature: string;
  /** The name it has in this document. */
  readonly name: string;
  /** Whether its specification is one of federation's own, not one that a subgraph's team wrote. */
  readonly isOfFederation: boolean;
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
      const argument = (name: string): string | null => {
        const value = directive.arguments?.find((each) => each.name.value === name)?.value;
        return value?.kind === Kind.STRING ? value.value : null;
      };
      const url = argument('url') ?? argument('feature');
      const feature = url === null ? null : /\/([^/]+)\/v\d+\.\d+\/?$/.exec(url)?.[1];
      if (url !== null && feature !== null && feature !== undefined) {
        const isOfFederation = url.startsWith(federationSpecifications);
        links.push({ feature, name: argument('as') ?? feature, isOfFederation });
      }
    }
  }
  return links;
}
