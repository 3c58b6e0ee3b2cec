import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import mercurius from 'mercurius';
import { anonymousCaller, openCaller } from '#contract/caller.ts';
import { type Clock, systemClock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import type { Identity } from '#contract/identity.ts';
import { createAsk } from './ask.ts';
import type { GatewayConfig } from './config.ts';
import { createGraphqlFunction, replaceGraphql } from './graphql.ts';
import { createHookRegistry } from './hooks.ts';
import { batchAnswer, checkBatch, standInForQueries } from './http/batch.ts';
import { checkParameters } from './http/check-parameters.ts';
import { compressAnswer } from './http/compress-answer.ts';
import { hangUpWhenIdle } from './http/drain.ts';
import { replyWithError } from './http/error-reply.ts';
import { GRAPHQL_PATH, repeatGraphqlRoutes } from './http/graphql-routes.ts';
import { registerHealth } from './http/health.ts';
import { answerLoopbackOnly } from './http/loopback-only.ts';
import { sendAsBytes } from './http/send-as-bytes.ts';
import { createResponder } from './respond.ts';
import { createPluginSubgraphs } from './subgraph-client/plugin-subgraphs.ts';
import { LiveSubscriptions } from './subscriptions/live-subscriptions.ts';
import { holdSupergraph } from './supergraph/hold-supergraph.ts';
import type { Supergraph } from './supergraph/supergraph.ts';
import type { SupergraphSource } from './supergraph/supergraph-source.ts';
import { serveWebSockets } from './websocket/serve-websockets.ts';
import type { WorkerGroup } from './worker-group.ts';

/** What a gateway is made of. Whoever hands a part over closes it, but for the supergraph. */
export interface GatewayParts {
  readonly config: GatewayConfig;
  /** The first one that is served. The gateway closes it, at the latest when it is closed itself. */
  readonly supergraph: Supergraph;
  /** Where the next ones come from. Without it, or where the settings say so, only `replace` brings another. */
  readonly source?: SupergraphSource;
  readonly logger: FastifyBaseLogger;
  readonly clock?: Clock;
  /** The identity, when it runs in this process. */
  readonly identity?: Identity;
  /** Subgraphs that run in this process, by name; the others are called over HTTP. */
  readonly localSubgraphs?: ReadonlyMap<string, FastifyInstance>;
  /** The processes that serve the same port, when this is one of several. */
  readonly workers?: WorkerGroup;
}

/**
 * A gateway, ready to listen: the pipeline from the socket to the answer.
 * @throws CodedError CONFIGURATION_INVALID, also for what a plugin finds wrong
 */
export async function createGateway(parts: GatewayParts): Promise<FastifyInstance> {
  const { config, supergraph, clock = systemClock } = parts;
  const { settings } = config;
  const app: FastifyInstance = Fastify({
    loggerInstance: parts.logger,
    bodyLimit: settings.limits.bodyLimitBytes,
    trustProxy: config.trustProxy,
    genReqId: () => randomUUID(),
    // A client's own request id is not taken for ours.
    requestIdHeader: false,
    logController: new LogController({
      disableRequestLogging: config.logLevel !== 'debug' && config.logLevel !== 'trace',
    }),
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    // What Fastify refuses before it looks for a route, such as a path that cannot be decoded.
    frameworkErrors: replyWithError,
  });
  const hooks = createHookRegistry();
  const pluginSubgraphs = createPluginSubgraphs();
  const held = holdSupergraph(app, {
    config,
    supergraph,
    source: parts.source,
    localSubgraphs: parts.localSubgraphs ?? new Map(),
    pluginSubgraphs: pluginSubgraphs.byName,
    clock,
    hooks: hooks.lists,
  });
  app.decorateRequest('caller');
  app.decorateRequest('answerExtensions', null);
  const live = new LiveSubscriptions(settings.subscriptions);
  const respond = createResponder({ supergraphs: held, hooks: hooks.lists, live });
  const defaultCaller = config.open ? openCaller : anonymousCaller;
  app.decorate('castellan', {
    config,
    clock,
    identity: parts.identity,
    supergraph: held,
    workers: parts.workers,
    addHook: (name, hook) => hooks.add(name, hook),
    ask: createAsk(respond, defaultCaller),
    addGraphqlRoute: repeatGraphqlRoutes(app),
    addSubgraph: pluginSubgraphs.add,
  });
  app.setErrorHandler(replyWithError);
  app.setNotFoundHandler((request) => {
    const path = request.url.split('?', 1)[0];
    throw new CodedError('NOT_FOUND', `There is nothing at ${request.method} ${path}`);
  });

  const webSockets = await serveWebSockets(
    app,
    { respond, hooks: hooks.lists, defaultCaller, clock },
    settings.webSockets,
  );
  if (config.open) answerLoopbackOnly(app);
  registerHealth(app);
  hangUpWhenIdle(app);
  for (const plugin of config.plugins) await plugin.register(app);
  pluginSubgraphs.close();
  held.connect();

  await app.register(mercurius, {
    schema: held.served.schema,
    path: GRAPHQL_PATH,
    subscription: false,
    graphiql: false,
    additionalRouteOptions: {
      config: { isGraphql: true },
      preValidation: [checkParameters, checkBatch(settings.limits.maxBatch)],
      preHandler: standInForQueries,
      onSend: [compressAnswer(settings.answerCompression), sendAsBytes],
    },
    // Operations are kept prepared in a cache of our own, keyed by more than their text.
    cache: false,
    allowBatchedQueries: true,
    errorHandler: replyWithError,
    errorFormatter: batchAnswer,
  });
  app.addHook('preClose', async () => {
    live.close();
    await webSockets.close();
  });
  const { heartbeatSeconds } = settings.subscriptions;
  replaceGraphql(
    app,
    createGraphqlFunction({ respond, defaultCaller, heartbeatSeconds }),
    hooks.add,
  );
  app.route({
    method: ['PUT', 'PATCH', 'DELETE'],
    url: GRAPHQL_PATH,
    config: { isGraphql: true },
    handler: (_, reply) => {
      reply.header('allow', 'GET, POST');
      throw new CodedError('METHOD_NOT_ALLOWED', 'GraphQL is asked with GET or POST');
    },
  });
  return app;
}
