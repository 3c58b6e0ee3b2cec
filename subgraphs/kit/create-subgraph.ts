import { buildSubgraphSchema } from '@apollo/subgraph';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { parse } from 'graphql';
import mercurius from 'mercurius';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { CLAIMS_HEADER } from '#contract/claims.ts';
import type { Clock } from '#contract/clock.ts';
import { CodedError } from '#contract/errors.ts';
import { originOf, type SubgraphContext } from './caller-context.ts';
import { type ClaimsKeys, createClaimsVerifier } from './claims-verifier.ts';
import { formatRequestError, formatResolverError } from './format-errors.ts';
import { type GuardedRecords, guardRecords } from './guard-records.ts';
import { noteEntries } from './note-entries.ts';
import { mergeResolvers, type Resolvers } from './resolvers.ts';
import { serveSubscriptions } from './serve-subscriptions.ts';
import { assertStorableVariables, storableLiterals } from './storable-text.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls, as the verified claims say it; anonymous until they are verified. */
    caller: Caller;
  }
}

export interface SubgraphClaims {
  readonly keys: ClaimsKeys;
  /** The issuer of the gateways' claims; `castellan` when left out. */
  readonly issuer?: string | undefined;
}

export interface SubgraphOptions {
  /** The name in supergraph.yaml: the audience of the claims that this subgraph accepts. */
  readonly name: string;
  /** Federation SDL. */
  readonly typeDefs: string;
  /** One map for each part of the subgraph; no two may answer the same field. */
  readonly resolvers: readonly Resolvers[];
  readonly claims: SubgraphClaims;
  /**
   * The types whose records the callers' grants are about, and their columns. Each of their fields is resolved for
   * those alone who may READ it on that record. Which records there are is for the resolvers: see `rowsFor`.
   */
  readonly records?: GuardedRecords | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: FastifyBaseLogger | undefined;
  /** Settles when the subgraph can answer and rejects while it cannot. */
  readonly isReady?: (() => Promise<void>) | undefined;
  /** Headers of every GraphQL answer, asked for when it is sent. */
  readonly answerHeaders?: (() => Readonly<Record<string, string>>) | undefined;
  /** The largest GraphQL request; it has to hold the representations of a large list. */
  readonly bodyLimitBytes?: number | undefined;
  /** How many subscriptions may be open at once. */
  readonly maxSubscriptions?: number | undefined;
}

/**
 * A subgraph that answers nobody but its gateway.
 *
 * Every way into `/graphql`, `_entities`, `_service` and introspection included, needs valid claims; without
 * them the answer is 401 before the body is read. Resolvers find the caller at `context.caller`.
 * Fields of `records` are for whoever may READ them, however they are reached.
 * Subscriptions are answered over SSE at the same place; their claims are verified when they begin.
 * `/health/live` and `/health/ready` are open. Routes that are added to the instance are the caller's to guard.
 */
export async function createSubgraph(options: SubgraphOptions): Promise<FastifyInstance> {
  const { name, claims, clock, logger, bodyLimitBytes = 1_048_576 } = options;
  const { maxSubscriptions = 10_000, answerHeaders } = options;
  const schema = buildSubgraphSchema([
    { typeDefs: parse(options.typeDefs), resolvers: mergeResolvers(options.resolvers) },
  ]);
  guardRecords(schema, name, options.records ?? {});
  noteEntries(schema);
  const verifier = createClaimsVerifier({ audience: name, clock, ...claims });
  const app: FastifyInstance = Fastify({
    ...(logger === undefined ? {} : { loggerInstance: logger }),
    // A request's line would hold the query of a GET, and with it what a person typed.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyLimitBytes,
  });
  // GraphQL is sent as JSON; a form of another site can send text without asking the browser.
  app.removeContentTypeParser('text/plain');
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request) => {
    request.caller = anonymousCaller;
  });
  app.setErrorHandler((error, request, reply) => {
    const { status, body } = formatRequestError(error, request.log);
    return reply.code(status).send(body);
  });
  app.setNotFoundHandler((request, reply) => {
    const { status, body } = formatRequestError(new CodedError('NOT_FOUND'), request.log);
    return reply.code(status).send(body);
  });
  addHealth(app, options.isReady);

  await app.register(async (guarded) => {
    guarded.addHook('onRequest', async (request) => {
      const token = request.headers[CLAIMS_HEADER];
      request.caller = await verifier.verify(typeof token === 'string' ? token : undefined);
    });
    if (answerHeaders !== undefined) {
      guarded.addHook('onSend', async (_request, reply) => void reply.headers(answerHeaders()));
    }
    serveSubscriptions(guarded, { subgraph: name, maxSubscriptions });
    await guarded.register(mercurius, {
      schema,
      path: '/graphql',
      graphiql: false,
      subscription: false,
      allowBatchedQueries: false,
      cache: 512,
      validationRules: [storableLiterals],
      context: (request): SubgraphContext & Record<string, unknown> => ({
        caller: request.caller,
        log: request.log,
        origin: originOf(request),
        subgraph: name,
      }),
      errorHandler: (error, request, reply) => {
        const { status, body } = formatRequestError(error, request.log);
        reply.code(status).send(body);
      },
      errorFormatter: (execution, context) => ({
        // Without data the operation never began: the request was at fault.
        statusCode: execution.data === undefined ? 400 : 200,
        response: {
          ...(execution.data !== undefined && { data: execution.data }),
          errors: execution.errors.map((error) =>
            formatResolverError(error, context.reply?.log ?? app.log),
          ),
        },
      }),
      // Mercurius' response schema would turn the list indexes of an error's path into text.
      additionalRouteOptions: { serializerCompiler: () => JSON.stringify },
    });
    guarded.graphql.addHook('preExecution', async (_schema, _document, _context, variables) => {
      assertStorableVariables(variables);
    });
  });
  return app;
}

function addHealth(app: FastifyInstance, isReady: (() => Promise<void>) | undefined): void {
  app.get('/health/live', async () => ({ status: 'live' }));
  app.get('/health/ready', async (request, reply) => {
    try {
      await isReady?.();
      return { status: 'ready' };
    } catch (cause) {
      request.log.warn({ reason: cause instanceof Error ? cause.message : 'unknown' }, 'not ready');
      return reply.code(503).send({ status: 'not ready' });
    }
  });
}
