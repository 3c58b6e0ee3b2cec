import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import { environmentNameOf, type GatewayConfig } from '../config.ts';
import type { Inspector } from '../operation/inspect-operation.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { breakCircuit } from './break-circuit.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { SubgraphFailure } from './failure.ts';
import { compileHeaders } from './headers.ts';
import { createHttpTransport } from './http-transport.ts';
import { createLocalTransport } from './local-transport.ts';
import type { SubgraphOptions } from './options.ts';
import type { ExecutableSubgraph } from './plugin-subgraph.ts';
import { createPluginTransport } from './plugin-transport.ts';
import { withRetry } from './retry.ts';
import type { SubgraphConnection } from './subgraph-client.ts';
import { breakStreamCircuit } from './subscriptions/break-stream-circuit.ts';
import { connectSubscriptions } from './subscriptions/connect-subscriptions.ts';
import { createLocalSseTransport } from './subscriptions/local-sse-transport.ts';

export interface ConnectionParts {
  readonly config: Pick<GatewayConfig, 'settings' | 'subgraphUrls'>;
  /** Subgraphs that run in this process, by name. */
  readonly local: ReadonlyMap<string, FastifyInstance>;
  /** Subgraphs that plugins of this gateway answer, by name, and what their resolvers look at operations with. */
  readonly plugins?: {
    readonly subgraphs: ReadonlyMap<string, ExecutableSubgraph>;
    readonly inspector: Inspector;
  };
  readonly clock: Clock;
  readonly logger: Pick<FastifyBaseLogger, 'info' | 'warn'>;
}

type Places = Pick<ConnectionParts, 'config' | 'local'> & {
  readonly subgraphs: ReadonlyMap<string, ExecutableSubgraph> | undefined;
};

/** Where a subgraph is reached. */
export type Whereabouts = 'local' | 'plugin' | 'http' | 'nowhere';

/**
 * Where a subgraph is. One whose URL is a place holder (a host in `.invalid`, which is never there: RFC 6761 §6.4) is
 * a plugin's: without the plugin it is nowhere, and never looked for over HTTP.
 */
export function whereaboutsOf(
  { name, url }: { readonly name: string; readonly url: string },
  { config, local, subgraphs }: Places,
): Whereabouts {
  if (local.has(name)) return 'local';
  const isPlaceholder = URL.canParse(url) && new URL(url).hostname.endsWith('.invalid');
  if (!isPlaceholder) return 'http';
  if (subgraphs?.has(name)) return 'plugin';
  return config.subgraphUrls[environmentNameOf(name)] === undefined ? 'nowhere' : 'http';
}

/**
 * The way to each subgraph: inside this process if it runs here, otherwise the URL that the environment
 * gives, otherwise the `routing_url` that the supergraph carries.
 * @throws CodedError CONFIGURATION_INVALID for a subgraph that has none, or none that HTTP can reach, and for
 * options of a subgraph that the supergraph does not have
 */
export function connectSubgraphs(
  { subgraphs }: Pick<Supergraph, 'subgraphs'>,
  parts: ConnectionParts,
): ReadonlyMap<string, SubgraphConnection> {
  const { bySubgraph, ...common } = parts.config.settings.subgraphs;
  refuseUnknown(Object.keys(bySubgraph), [...subgraphs.keys()]);
  const connections = new Map<string, SubgraphConnection>();
  for (const subgraph of subgraphs.values()) {
    const options = bySubgraph[subgraph.name] ?? common;
    connections.set(subgraph.name, connect(subgraph, options, parts));
  }
  return connections;
}

function connect(
  subgraph: { readonly name: string; readonly url: string },
  options: SubgraphOptions,
  parts: ConnectionParts,
): SubgraphConnection {
  const { name, url } = subgraph;
  const app = parts.local.get(name);
  if (app !== undefined) return inside(name, app, options);
  const executable = parts.plugins?.subgraphs.get(name);
  switch (whereaboutsOf(subgraph, { ...parts, subgraphs: parts.plugins?.subgraphs })) {
    case 'plugin':
      if (executable === undefined || parts.plugins === undefined) break;
      return withoutStreams(
        name,
        createPluginTransport(executable, parts.plugins.inspector, options),
        options,
        executable,
      );
    case 'nowhere':
      return withoutStreams(name, nowhere(name), options);
    default:
  }
  return overHttp(name, url, options, parts);
}

/** Of a plugin, or of none. Calls are not shared: a plugin's resolvers see the request, and not the caller alone. */
function withoutStreams(
  name: string,
  transport: SubgraphConnection['transport'],
  { subscriptions }: SubgraphOptions,
  executable?: ExecutableSubgraph,
): SubgraphConnection {
  const start = (): never => {
    throw new SubgraphFailure('refused', `The subgraph "${name}" has no subscriptions`);
  };
  return {
    transport,
    writeHeaders: () => ({}),
    shareInFlight: false,
    isInside: true,
    ...(executable !== undefined && { isRepeatable: executable.isRepeatable }),
    subscriptions: { transport: { endpoint: name, start }, options: subscriptions },
  };
}

/** Fields that it shares with others can be planned to come from it, although none of its own is shown. */
function nowhere(name: string): SubgraphConnection['transport'] {
  const message = `No plugin of this gateway is the subgraph "${name}"`;
  return {
    send: () => Promise.reject(new SubgraphFailure('unreachable', message)),
    close: async () => {},
  };
}

function inside(name: string, app: FastifyInstance, options: SubgraphOptions): SubgraphConnection {
  return {
    transport: createLocalTransport(name, app, options),
    // There is nothing to be gained from packing what never leaves the process.
    writeHeaders: compileHeaders({
      ...options,
      compression: { ...options.compression, accept: [] },
    }),
    shareInFlight: options.shareInFlight,
    subscriptions: {
      transport: createLocalSseTransport(name, app, options.subscriptions),
      options: options.subscriptions,
    },
  };
}

function overHttp(
  name: string,
  routingUrl: string,
  options: SubgraphOptions,
  parts: ConnectionParts,
): SubgraphConnection {
  const variable = environmentNameOf(name);
  const given = parts.config.subgraphUrls[variable] ?? routingUrl;
  // A subgraph that names its WebSocket answers queries in the same place.
  const url = given.replace(/^ws/, 'http');
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new CodedError(
      'CONFIGURATION_INVALID',
      `The subgraph "${name}" has no http URL; set its routing_url or CASTELLAN_SUBGRAPH_${variable}_URL`,
    );
  }
  const breaker = options.circuitBreaker.enabled ? breakerOf(name, options, parts) : null;
  const http = createHttpTransport(name, url, options);
  const streams = connectSubscriptions(name, given, options);
  return {
    transport: withRetry(breaker === null ? http : breakCircuit(http, name, breaker), options, {
      clock: parts.clock,
      random: Math.random,
      wait,
    }),
    writeHeaders: compileHeaders(options),
    shareInFlight: options.shareInFlight,
    subscriptions: {
      transport: breaker === null ? streams : breakStreamCircuit(streams, name, breaker),
      options: options.subscriptions,
    },
  };
}

/** One for calls and streams alike. */
function breakerOf(
  name: string,
  { circuitBreaker: options }: SubgraphOptions,
  { clock, logger }: ConnectionParts,
): CircuitBreaker {
  return new CircuitBreaker(options, clock, (state) => {
    if (state === 'open')
      logger.warn({ subgraph: name }, 'a subgraph fails too often: it is left alone');
    if (state === 'closed') logger.info({ subgraph: name }, 'a subgraph answers again');
  });
}

function refuseUnknown(named: readonly string[], known: readonly string[]): void {
  const unknown = named.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new CodedError(
    'CONFIGURATION_INVALID',
    `castellan.config.ts: subgraphs.bySubgraph.${unknown} is no subgraph; there are: ${known.join(', ')}`,
  );
}
