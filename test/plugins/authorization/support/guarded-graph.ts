import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { readGrants } from '#contract/permissions/read-grants.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import { buildApiSchema } from '#gateway/supergraph/api-schema.ts';
import { type Coordinates, readCoordinates } from '#gateway/supergraph/coordinates.ts';

const link = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
    "@key", "@shareable", "@external", "@requires", "@provides", "@context", "@fromContext",
    "@interfaceObject", "@authenticated", "@requiresScopes", "@policy", "@composeDirective"])
  @link(url: "https://castellan.dev/specs/access/v0.1", import: ["@access"])
  @composeDirective(name: "@access")
directive @access(action: String, on: String, by: String) on FIELD_DEFINITION\n`;

/** The SDL of a subgraph with the directives that it may use. */
export function guarded(typeDefs: string): string {
  return link + typeDefs;
}

/** The coordinates of subgraphs that nobody runs, composed as they would be for a gateway. */
export function coordinatesOf(subgraphs: Readonly<Record<string, string>>): Coordinates {
  const { supergraphSdl, errors } = composeServices(
    Object.entries(subgraphs).map(([name, typeDefs]) => ({
      name,
      url: `http://127.0.0.1:1/${name}`,
      typeDefs: parse(guarded(typeDefs)),
    })),
  );
  if (supergraphSdl === undefined) throw new AggregateError(errors ?? [], String(errors));
  return coordinatesOfSupergraph(supergraphSdl);
}

/** The coordinates of a supergraph as some composer wrote it. */
export function coordinatesOfSupergraph(sdl: string): Coordinates {
  const document = parse(sdl);
  return readCoordinates(document, buildApiSchema(document));
}

/** A known caller with these scopes and grants. */
export function callerWith(
  grants: readonly unknown[],
  scopes: readonly string[] = [],
  changes: Partial<Caller> = {},
): Caller {
  const permissions = permissionsOf(scopes, undefined, readGrants([...grants]));
  return { ...anonymousCaller, kind: 'key', subject: 'user_1', permissions, ...changes };
}
