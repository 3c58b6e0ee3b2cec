import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ExecutionResult } from 'graphql';
import type { Caller } from '#contract/caller.ts';
import { departureOn } from './departure.ts';
import type { Responder } from './respond.ts';

/** An operation of our own. `source` is a text of ours: what comes from a client belongs into `variables`. */
export interface InternalOperation {
  readonly source: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
}

/**
 * Runs a GraphQL operation in the name of whoever sent a request, for a route that answers in another form.
 *
 * It is the operation that they could have sent themselves, without the way over HTTP: the same caller, view, hooks,
 * limits and claims. Only it need not be among the trusted documents. Mutations run; subscriptions and `@defer` do not.
 *
 * @returns data and errors as a client would get them: some of it may be null for an error
 * @throws CodedError for an operation that was refused as a whole, such as UNAUTHENTICATED or FORBIDDEN where the
 *   caller may see nothing
 *
 * @example
 * app.get('/api/tokens', async (request, reply) => {
 *   const { data } = await app.castellan.ask(request, reply, { source: '{ apiKeys { nodes { id } } }' });
 *   …
 * });
 */
export type Ask = (
  request: FastifyRequest,
  reply: FastifyReply,
  operation: InternalOperation,
) => Promise<ExecutionResult>;

const delivery = Object.freeze({ mutations: true, subscriptions: false, defer: null });

export function createAsk(respond: Responder, defaultCaller: Caller): Ask {
  return async (request, reply, { source, variables, operationName }) => {
    const context = {
      reply,
      request,
      caller: request.caller ?? defaultCaller,
      departure: departureOn(request.raw.socket),
      errors: null,
      isInternal: true as const,
    };
    const answer = await respond({ source, variables, operationName }, context, delivery);
    if (answer.kind !== 'whole') throw new TypeError('an internal operation has one answer');
    return JSON.parse(answer.take()) as ExecutionResult; // what our own writer wrote
  };
}
