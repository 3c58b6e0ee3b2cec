import type { FastifyInstance, FastifyReply } from 'fastify';
import type { DocumentNode, ExecutionResult } from 'graphql';
import { print } from 'graphql';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { CodedError } from '#contract/errors.ts';
import { runOperation } from './execute/run-operation.ts';
import type { HookLists, OperationEnding, RequestContext } from './hooks.ts';
import { NO_QUERY } from './http/batch.ts';

import { acceptedMediaType, type MediaType } from './http/media-type.ts';
import type { PreparedOperation } from './operation/prepare.ts';
import { coerceVariables } from './operation/variables.ts';
import type { Generation } from './supergraph/generation.ts';

export interface GraphqlParts {
  /** Holds the generation that a request begins with, and keeps to its end. */
  readonly supergraphs: { readonly current: Generation };
  readonly hooks: HookLists;
  /** The caller of a request for which no plugin has said who it is. */
  readonly defaultCaller: Caller;
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
) => Promise<string | ExecutionResult>;

/**
 * The function that stands in the place of Mercurius' own `app.graphql`; all its HTTP roads lead here.
 *
 * It answers with JSON text, which goes out untouched, or with an object where Mercurius has to put several
 * answers together or nobody is waiting at the other end of HTTP.
 * @throws CodedError for a request that was refused as a whole
 */
export function createGraphqlFunction(parts: GraphqlParts): GraphqlFunction {
  return async (source, given, variables, operationName) => {
    const reply = given?.reply;
    if (reply === undefined) {
      throw new TypeError('app.graphql needs the context of a request; use reply.graphql or HTTP');
    }
    if (source === NO_QUERY) throw new CodedError('BAD_REQUEST', 'The request has no query');
    const { request } = reply;
    const mediaType = acceptedMediaType(request);
    if (mediaType === null) throw new CodedError('NOT_ACCEPTABLE');
    const context: RequestContext = Object.assign(given ?? {}, {
      reply,
      request,
      caller: request.caller ?? parts.defaultCaller ?? anonymousCaller,
      errors: null,
    });
    const { onOperation } = parts.hooks;
    const asked: GraphqlRequest = { source, variables, operationName, mediaType };
    // The request keeps the supergraph it began with, whatever is served meanwhile.
    const generation = parts.supergraphs.current;
    generation.enter();
    try {
      return await (onOperation === null
        ? answer(asked, context, generation)
        : observe(onOperation, context, () => answer(asked, context, generation)));
    } finally {
      generation.leave();
    }
  };

  async function answer(
    { source, variables, operationName, mediaType }: GraphqlRequest,
    context: RequestContext,
    generation: Generation,
  ): Promise<string | ExecutionResult> {
    const { schema } = generation.supergraph;
    const { reply } = context;
    const isInBatch = (context as MercuriusContext).operationsCount !== undefined;
    let operation = await prepared(
      generation,
      parts.hooks,
      source,
      operationName || undefined,
      context,
    );
    if (context.ending !== undefined) context.ending.kind = operation.definition.operation;
    refuseUnsafeGet(operation, reply);
    let values = variables ?? {};
    let coerced = coerceVariables(schema, operation.definition, values);

    if (parts.hooks.preExecution !== null) {
      for (const hook of parts.hooks.preExecution) {
        const change = await hook(schema, operation.document, context, values);
        if (!change) continue;
        if (change.errors) context.errors = [...(context.errors ?? []), ...change.errors];
        if (change.variables) values = change.variables;
        if (change.document) {
          operation = await generation.operations.get(
            print(change.document),
            operationName || undefined,
            null,
          );
        }
        coerced = coerceVariables(schema, operation.definition, values);
      }
    }

    const text = await runOperation({
      operation,
      variables: values,
      coercedVariables: coerced,
      context,
      client: generation.client,
    });
    if (parts.hooks.onResolution !== null) {
      const execution = JSON.parse(text) as ExecutionResult;
      for (const hook of parts.hooks.onResolution) await hook(execution, context);
      // Mercurius' hooks change the execution in place.
      return isInBatch ? execution : send(reply, mediaType, JSON.stringify(execution));
    }
    if (isInBatch) return JSON.parse(text) as ExecutionResult;
    return send(reply, mediaType, text);
  }
}

interface GraphqlRequest {
  readonly source: string;
  readonly variables: Record<string, unknown> | null | undefined;
  readonly operationName: string | null | undefined;
  readonly mediaType: MediaType;
}

/** Tells the hooks how the operation ended, whichever way it did. */
async function observe<Answer>(
  onOperation: NonNullable<HookLists['onOperation']>,
  context: RequestContext,
  run: () => Promise<Answer>,
): Promise<Answer> {
  const started = performance.now();
  const ending: OperationEnding = { kind: null, code: null, durationMs: 0 };
  context.ending = ending;
  try {
    return await run();
  } catch (error) {
    ending.code = error instanceof CodedError ? error.code : 'INTERNAL_SERVER_ERROR';
    throw error;
  } finally {
    ending.durationMs = performance.now() - started;
    for (const hook of onOperation) hook(ending, context);
  }
}

function send(reply: FastifyReply, mediaType: string, text: string): string {
  reply.type(`${mediaType}; charset=utf-8`);
  return text;
}

async function prepared(
  { supergraph, operations }: Generation,
  hooks: HookLists,
  source: string,
  operationName: string | undefined,
  context: RequestContext,
): Promise<PreparedOperation> {
  if (hooks.preParsing !== null) {
    for (const hook of hooks.preParsing) await hook(supergraph.schema, source, context);
  }
  const { preValidation } = hooks;
  const onNewDocument =
    preValidation === null
      ? null
      : async (document: DocumentNode): Promise<void> => {
          for (const hook of preValidation) await hook(supergraph.schema, document, context);
        };
  return operations.get(source, operationName, onNewDocument);
}

/** A GET can be repeated, prefetched and sent by any link, so it may only read (GraphQL over HTTP, §6.2.2). */
function refuseUnsafeGet(operation: PreparedOperation, reply: FastifyReply): void {
  if (reply.request.method !== 'GET' || operation.definition.operation === 'query') return;
  reply.header('allow', 'POST');
  throw new CodedError(
    'METHOD_NOT_ALLOWED',
    `A ${operation.definition.operation} cannot be sent with GET; use POST`,
  );
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
