import type { FastifyInstance } from 'fastify';
import { CodedError } from '#contract/errors.ts';
import { environmentNameOf, type GatewayConfig } from '../config.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { createHttpTransport } from './http-transport.ts';
import { createLocalTransport } from './local-transport.ts';
import type { SubgraphTransport } from './transport.ts';

/**
 * The way to each subgraph: inside this process if it runs here, otherwise the URL that the environment
 * gives, otherwise the `routing_url` that the supergraph carries.
 * @throws CodedError CONFIGURATION_INVALID for a subgraph that has none, or none that HTTP can reach
 */
export function connectSubgraphs(
  supergraph: Supergraph,
  config: GatewayConfig,
  local: ReadonlyMap<string, FastifyInstance>,
): ReadonlyMap<string, SubgraphTransport> {
  const transports = new Map<string, SubgraphTransport>();
  for (const { name, url: routingUrl } of supergraph.subgraphs.values()) {
    const app = local.get(name);
    if (app !== undefined) {
      transports.set(name, createLocalTransport(app));
      continue;
    }
    const variable = environmentNameOf(name);
    const url = config.subgraphUrls[variable] ?? routingUrl;
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
      throw new CodedError(
        'CONFIGURATION_INVALID',
        `The subgraph "${name}" has no http URL; set its routing_url or CASTELLAN_SUBGRAPH_${variable}_URL`,
      );
    }
    transports.set(name, createHttpTransport(name, url, config.settings.subgraphs));
  }
  return transports;
}
