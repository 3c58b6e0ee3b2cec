import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ExecutionResult } from 'graphql';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { CodedError } from '#contract/errors.ts';
import { departureOn } from './departure.ts';
import type { RequestContext } from './hooks.ts';
import { type Accept, acceptOf } from './http/accept.ts';
import { NO_QUERY } from './http/batch.ts';
import { eventStreamHeaders, writeEvents } from './http/event-stream.ts';
import { deferredParts } from './http/multipart.ts';
import { streamAnswer } from './http/stream-answer.ts';
import type { Responder } from './respond.ts';

export interface GraphqlParts {
  readonly respond: Responder;
  /** The caller of a request for which no plugin has said who it is. */
  readonly defaultCaller: Caller;
  readonly heartbeatSeconds: number;
}

/** What Mercurius passes as context. */
interface MercuriusContext {
  reply?: FastifyReply;
  /** Set for the operations of a batch, which Mercurius puts together itself. */
  operationsCount?: number;
}

export type GraphqlFunction = (
  source: string,
  context: MercuriusContext | null | undefined,
  variables?: Record<string, unknown> | null,
  operationName?: string | null,
) => Promise<string | ExecutionResult | Readable | undefined>;

/**
 * The function that stands in the place of Mercurius' own `app.graphql`; all its HTTP roads lead here.
 *
 * On GraphQL's own routes it sends its answer, and has none for whoever called it. Elsewhere it answers with JSON text,
 * which goes out untouched. Either way it is a stream where the answer has several payloads, and an object where
 * Mercurius has to put several answers together.
 * @throws CodedError for a request that was refused as a whole
 */
export function createGraphqlFunction(parts: GraphqlParts): GraphqlFunction {
  const { respond, defaultCaller, heartbeatSeconds } = parts;
  return async (source, given, variables, operationName) => {
    const reply = given?.reply;
    if (reply === undefined) {
      throw new TypeError('app.graphql needs the context of a request; use reply.graphql or HTTP');
    }
    if (source === NO_QUERY) throw new CodedError('BAD_REQUEST', 'The request has no query');
    const { request } = reply;
    const isInBatch = given?.operationsCount !== undefined;
    const accept = acceptOf(request);
    if (accept.whole === null && accept.subscription === null) {
      throw new CodedError('NOT_ACCEPTABLE');
    }
    const context: RequestContext = Object.assign(given ?? {}, {
      reply,
      request,
      caller: request.caller ?? defaultCaller ?? anonymousCaller,
      departure: departureOn(request.raw.socket),
      errors: null,
    });
    // Nobody reads the body of an answer to HEAD, so that nobody would end one that goes on.
    const takesSeveral = !isInBatch && request.method !== 'HEAD';
    const answer = await respond({ source, variables, operationName }, context, {
      mutations: request.method === 'POST',
      subscriptions: takesSeveral && accept.subscription !== null,
      defer: takesSeveral ? (accept.deferred?.format ?? null) : null,
    });
    if (answer.kind !== 'whole') return streamAnswer(reply, answer, accept, heartbeatSeconds);
    if (isInBatch) return JSON.parse(answer.take()) as ExecutionResult;
    if (!request.routeOptions.config.isGraphql) return writeWhole(reply, accept, answer.take());
    // Not by way of the promises that led here: each of them would hold the text for as long as it is there itself.
    reply.send(writeWhole(reply, accept, answer.take()));
    // A hook may have something to do first, such as packing.
    if (!reply.sent) await reply;
    return undefined;
  };
}

function writeWhole(reply: FastifyReply, { whole }: Accept, text: string): string {
  switch (whole) {
    case null:
      throw new CodedError('NOT_ACCEPTABLE');
    case 'text/event-stream':
      reply.headers(eventStreamHeaders);
      return writeEvents([text]);
    case 'multipart/mixed':
      reply.type(deferredParts.contentType);
      return deferredParts.begin + deferredParts.write(text) + deferredParts.end;
    default:
      reply.type(`${whole}; charset=utf-8`);
      return text;
  }
}

/** Puts `graphql` in the place of Mercurius' function; every property of that one stays. */
export function replaceGraphql(
  app: FastifyInstance,
  graphql: GraphqlFunction,
  addHook: (name: never, hook: never) => void,
): void {
  const replaced = Object.assign(graphql, app.graphql, { addHook });
  Object.assign(app, { graphql: replaced });
}
