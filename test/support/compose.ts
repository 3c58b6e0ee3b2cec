import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@shareable", "@external", "@requires", "@provides", "@override", "@context",
  "@fromContext", "@inaccessible", "@interfaceObject"])\n`;

/** The supergraph of subgraphs that nobody runs, from their SDL by name. What has no link of its own is given one. */
export function compose(subgraphs: Readonly<Record<string, string>>): string {
  const { supergraphSdl, errors } = composeServices(
    Object.entries(subgraphs).map(([name, typeDefs]) => ({
      name,
      url: `http://127.0.0.1:1/${name}`,
      typeDefs: parse(typeDefs.startsWith('extend schema') ? typeDefs : link + typeDefs),
    })),
  );
  if (supergraphSdl === undefined) throw new AggregateError(errors ?? [], String(errors));
  return supergraphSdl;
}
