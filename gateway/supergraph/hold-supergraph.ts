import type { FastifyInstance } from 'fastify';
import type { Clock } from '#contract/clock.ts';
import type { GatewayConfig } from '../config.ts';
import type { HookLists } from '../hooks.ts';
import { createOperationCache } from '../operation/operation-cache.ts';
import { connectSubgraphs } from '../subgraph-client/connect-subgraphs.ts';
import { InFlightCalls } from '../subgraph-client/share-in-flight.ts';
import { createSubgraphClient } from '../subgraph-client/subgraph-client.ts';
import { SubscriptionHub } from '../subgraph-client/subscriptions/subscription-hub.ts';
import { CurrentSupergraph } from './current-supergraph.ts';
import { followSource } from './follow-source.ts';
import { Generation } from './generation.ts';
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
    build: (supergraph) => {
      const connections = connectSubgraphs(supergraph, {
        config,
        local: parts.localSubgraphs,
        clock: parts.clock,
        logger: app.log,
      });
      return new Generation(
        supergraph,
        createOperationCache(supergraph, { limits: settings.limits, ...settings.operationCache }),
        createSubgraphClient(connections, hooks, inFlight, hub),
      );
    },
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
