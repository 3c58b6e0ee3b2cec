import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Clock } from '#contract/clock.ts';
import type { GatewayConfig } from '../config.ts';
import type { HookLists } from '../hooks.ts';
import { createInspector } from '../operation/inspect-operation.ts';
import { createOperationCache } from '../operation/operation-cache.ts';
import { connectSubgraphs, whereaboutsOf } from '../subgraph-client/connect-subgraphs.ts';
import type { ExecutableSubgraph } from '../subgraph-client/plugin-subgraph.ts';
import { InFlightCalls } from '../subgraph-client/share-in-flight.ts';
import { createSubgraphClient } from '../subgraph-client/subgraph-client.ts';
import { SubscriptionHub } from '../subgraph-client/subscriptions/subscription-hub.ts';
import { CurrentSupergraph } from './current-supergraph.ts';
import { followSource } from './follow-source.ts';
import { Generation } from './generation.ts';
import { hideSubgraphs } from './hide-subgraphs.ts';
import { loadSupergraph, type Supergraph } from './supergraph.ts';
import type { SupergraphSource } from './supergraph-source.ts';

export interface HeldParts {
  readonly config: Pick<GatewayConfig, 'open' | 'settings' | 'subgraphUrls'>;
  /** The first one. */
  readonly supergraph: Supergraph;
  /** Where the next ones come from. */
  readonly source: SupergraphSource | undefined;
  readonly clock: Clock;
  readonly localSubgraphs: ReadonlyMap<string, FastifyInstance>;
  /** Those that plugins answer, by name: complete when the first supergraph is connected. */
  readonly pluginSubgraphs: ReadonlyMap<string, ExecutableSubgraph>;
  readonly hooks: HookLists;
}

/**
 * Holds the supergraph that an app serves, follows its source from when the app is ready to when it closes, and
 * closes what is still alive with it.
 * @throws CodedError CONFIGURATION_INVALID for options that do not fit the first supergraph
 */
export function holdSupergraph(app: FastifyInstance, parts: HeldParts): CurrentSupergraph {
  const { config, source, hooks } = parts;
  const { settings } = config;
  const place = source?.place;
  const inFlight = new InFlightCalls();
  const hub = new SubscriptionHub();
  const held = new CurrentSupergraph(parts.supergraph, {
    load: (sdl) => loadSupergraph(sdl, place, settings),
    build: (loaded) => build(loaded, parts, { logger: app.log, inFlight, hub }),
    hooks,
    isOpen: config.open,
    preparing: settings.supergraph,
    logger: app.log,
    onSwap: ({ schema }) => {
      // Mercurius keeps a schema of its own; `app.graphql` is no longer its function, and has another one.
      app.graphql.replaceSchema(schema);
      app.graphql.schema = schema;
    },
  });

  let stopFollowing: (() => Promise<void>) | null = null;
  app.addHook('onReady', async () => {
    await held.announce();
    if (source === undefined || !settings.supergraph.watch) return;
    stopFollowing = followSource(source, {
      pollSeconds: settings.supergraph.pollSeconds,
      onChange: (sdl) => held.replace(sdl),
      onFailure: (error) => held.noteFailedRead(error),
    });
  });
  app.addHook('preClose', async () => {
    held.stopReplacing();
    await stopFollowing?.();
  });
  app.addHook('onClose', async () => {
    await held.close();
    await hub.close();
  });
  return held;
}

/** What goes on from one supergraph to the next. */
interface Lasting {
  readonly logger: FastifyBaseLogger;
  readonly inFlight: InFlightCalls;
  readonly hub: SubscriptionHub;
}

/** What goes with a supergraph. @throws CodedError CONFIGURATION_INVALID for options that do not fit it */
function build(
  loaded: Supergraph,
  parts: HeldParts,
  { logger, inFlight, hub }: Lasting,
): Generation {
  const { config, clock, hooks, localSubgraphs: local, pluginSubgraphs: subgraphs } = parts;
  const { settings } = config;
  const { limits } = settings;
  const placed = [...loaded.subgraphs.values()].map((subgraph) => ({
    name: subgraph.name,
    place: whereaboutsOf(subgraph, { config, local, subgraphs }),
  }));
  const hidden = placed.filter(({ place }) => place === 'nowhere').map(({ name }) => name);
  if (hidden.length > 0)
    logger.info({ subgraphs: hidden }, 'hidden, as the plugins that answer them are off');
  const supergraph = hideSubgraphs(loaded, new Set(hidden));
  const sideEffects = new Set(
    placed.flatMap(({ name, place }) =>
      place === 'plugin' ? [...(subgraphs.get(name)?.sideEffects ?? [])] : [],
    ),
  );
  const connections = connectSubgraphs(supergraph, {
    config,
    local,
    plugins: { subgraphs, inspector: createInspector(supergraph, limits) },
    clock,
    logger,
  });
  return new Generation(
    supergraph,
    createOperationCache(supergraph, { limits, ...settings.operationCache, sideEffects }),
    createSubgraphClient(connections, hooks, inFlight, hub),
  );
}
