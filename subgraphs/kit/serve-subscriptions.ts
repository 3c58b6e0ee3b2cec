import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  parse,
  specifiedRules,
  subscribe,
  validate,
} from 'graphql';
import { CodedError } from '#contract/errors.ts';
import { originOf, type SubgraphContext } from './caller-context.ts';
import { type ErrorBody, formatRequestError, formatResolverError } from './format-errors.ts';
import { assertStorableVariables, storableLiterals } from './storable-text.ts';

export interface SubscriptionsOptions {
  readonly subgraph: string;
  readonly maxSubscriptions: number;
}

const HEARTBEAT_MS = 12_000;
const HEARTBEAT = ':\n\n';

type Results = AsyncGenerator<ExecutionResult, void, void>;

/**
 * Answers subscriptions at `POST /graphql` that accept `text/event-stream` and nothing else: GraphQL over SSE,
 * distinct connections mode. Other requests go their way; the guards of the instance stand before both.
 */
export function serveSubscriptions(
  app: FastifyInstance,
  { subgraph, maxSubscriptions }: SubscriptionsOptions,
): void {
  const open = new Set<ServerResponse>();

  app.addHook('preHandler', async (request, reply) => {
    if (request.method !== 'POST' || request.headers.accept !== 'text/event-stream') return;
    if (open.size >= maxSubscriptions) {
      throw new CodedError('OVERLOADED', 'There are too many subscriptions');
    }
    const { raw } = reply;
    // It counts from here on, so that many that begin together do not pass the bound.
    open.add(raw);
    const left = new AbortController();
    raw.once('close', () => {
      open.delete(raw);
      left.abort();
    });
    const results = await start(app, request, subgraph, left.signal);
    if (!(Symbol.asyncIterator in results)) return reply.code(400).send(refusal(results, request));
    reply.hijack();
    void write(results, raw, left.signal, request);
    return reply;
  });

  // Cut rather than ended: an end would say that there is nothing more to come.
  app.addHook('preClose', async () => {
    for (const response of open) response.destroy();
  });
}

async function start(
  { graphql: { schema } }: FastifyInstance,
  request: FastifyRequest,
  subgraph: string,
  signal: AbortSignal,
): Promise<Results | ExecutionResult> {
  const { query, variables, operationName } = readBody(request.body);
  let document: ReturnType<typeof parse>;
  try {
    document = parse(query);
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [error] };
    throw error;
  }
  const mistakes = validate(schema, document, [...specifiedRules, storableLiterals]);
  if (mistakes.length > 0) return { errors: mistakes };
  if (getOperationAST(document, operationName)?.operation !== 'subscription') {
    throw new CodedError('NOT_ACCEPTABLE', 'Only a subscription is answered with a stream');
  }
  assertStorableVariables(variables);
  const contextValue: SubgraphContext = {
    caller: request.caller,
    log: request.log,
    origin: originOf(request),
    subgraph,
    signal,
  };
  // Its type has room for an iterable without return(), which graphql-js never makes.
  return subscribe({
    schema,
    document,
    contextValue,
    variableValues: variables,
    operationName,
  }) as Promise<Results | ExecutionResult>;
}

interface SubscriptionBody {
  readonly query: string;
  readonly variables: Record<string, unknown> | null;
  readonly operationName: string | null;
}

function readBody(body: unknown): SubscriptionBody {
  if (typeof body === 'object' && body !== null && 'query' in body) {
    const { query, variables = null, operationName = null } = body as Partial<SubscriptionBody>;
    const isWellFormed =
      typeof query === 'string' &&
      typeof variables === 'object' &&
      !Array.isArray(variables) &&
      (operationName === null || typeof operationName === 'string');
    if (isWellFormed) return { query, variables, operationName };
  }
  throw new CodedError('BAD_REQUEST');
}

/** What an operation that never began is answered with. */
function refusal({ errors = [] }: ExecutionResult, { log }: FastifyRequest): ErrorBody {
  const isMistake = errors.every(({ originalError, path }) => !originalError && !path);
  if (isMistake) return formatRequestError(new AggregateError(errors), log).body;
  return { errors: errors.map((error) => formatResolverError(error, log)) };
}

async function write(
  results: Results,
  response: ServerResponse,
  signal: AbortSignal,
  { log }: FastifyRequest,
): Promise<void> {
  const fail = (reason: unknown): void => {
    if (signal.aborted) return;
    log.error({ err: reason }, 'a subscription failed');
    response.destroy();
  };
  // A resolver that waits hears of it by the signal in its context, and otherwise with its next event.
  signal.addEventListener('abort', () => void results.return().catch(fail), { once: true });
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(HEARTBEAT);
  }, HEARTBEAT_MS);
  try {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
    });
    response.write(HEARTBEAT);
    for await (const { data, errors } of results) {
      if (signal.aborted) return;
      const told = errors?.map((error) => formatResolverError(error, log));
      const event = JSON.stringify({ data, errors: told });
      const isTaken = response.write(`event: next\ndata: ${event}\n\n`);
      // The next event is not made before this one has gone.
      if (!isTaken) await once(response, 'drain', { signal });
    }
    if (!signal.aborted) response.end('event: complete\ndata:\n\n');
  } catch (error) {
    fail(error);
  } finally {
    clearInterval(heartbeat);
  }
}
