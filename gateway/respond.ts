import type { ExecutionResult } from 'graphql';
import { CodedError } from '#contract/errors.ts';
import type { DeferFormat } from './execute/incremental-writer.ts';
import { runDeferred } from './execute/run-deferred.ts';
import { runOperation, WholeAnswer } from './execute/run-operation.ts';
import { Turns } from './execute/turns.ts';
import type { HookLists, OperationEnding, RequestContext } from './hooks.ts';
import { createLiveAnswer } from './live-answer.ts';
import type { PreparedOperation, Shape, Variant, WholeShape } from './operation/prepare.ts';
import {
  type GraphqlRequest,
  type ReadyOperation,
  readyToRun,
} from './operation/ready-operation.ts';
import { Payloads } from './payloads.ts';
import type { LiveSubscriptions } from './subscriptions/live-subscriptions.ts';
import { openSubscription, type Supergraphs } from './subscriptions/run-subscription.ts';
import type { Generation } from './supergraph/generation.ts';

/** What the transport of a request can do. */
export interface Delivery {
  /** Whether it may change anything: a GET may not. */
  readonly mutations: boolean;
  readonly subscriptions: boolean;
  /** How it takes an answer in parts; null when it takes one in one piece only. */
  readonly defer: DeferFormat | null;
}

/** Each text is JSON. Whoever gets payloads reads them to their end, or calls `return()`. */
export type Answer =
  | WholeAnswer
  | { readonly kind: 'deferred' | 'subscription'; readonly payloads: Payloads };

/** @throws CodedError for a request that was refused as a whole */
export type Responder = (
  request: GraphqlRequest,
  context: RequestContext,
  delivery: Delivery,
) => Promise<Answer>;

export interface ResponderParts {
  /** Holds the generation that a request begins with, and keeps to its end. */
  readonly supergraphs: Supergraphs;
  readonly hooks: HookLists;
  readonly live: LiveSubscriptions;
}

/** An operation that is about to be answered in parts. */
interface Asked {
  readonly request: GraphqlRequest;
  readonly context: RequestContext;
  readonly delivery: Delivery;
  readonly generation: Generation;
  readonly ready: ReadyOperation;
  readonly close: () => void;
}

/**
 * Answers operations: the same for all transports. Each promise that a small request waits for is a part of what it
 * costs, so nothing is awaited that is there (docs/decisions/0014).
 */
export function createResponder({ supergraphs, hooks, live }: ResponderParts): Responder {
  const turns = new Turns();
  return async (request, context, delivery) => {
    // The request keeps the supergraph it began with, whatever is served meanwhile.
    const generation = supergraphs.current;
    const finish = hooks.onOperation === null ? null : begin(hooks.onOperation, context);
    generation.enter();
    let answer: Answer | null = null;
    const close = (): void => {
      // A subscription goes from one generation to the next by itself.
      if (answer?.kind !== 'subscription') generation.leave();
      context.departure?.settle();
      finish?.();
    };
    try {
      for (const hook of hooks.preParsing ?? []) {
        const pending = hook(generation.supergraph.schema, request.source, context);
        if (pending !== undefined) await pending;
      }
      const check = (operation: PreparedOperation): void => checkDelivery(operation, delivery);
      const checkVariant = (variant: Variant): void => checkChange(variant, delivery);
      const options = { defers: delivery.defer !== null, check, checkVariant };
      const readying = readyToRun(hooks, generation, request, context, options);
      const ready = readying instanceof Promise ? await readying : readying;
      // What changes something is carried out, whoever waits for it.
      const departure = ready.variant.changes ? undefined : context.departure;
      const known = ready.variant.shapeFor(ready.access?.denials ?? null);
      const shape = known instanceof Promise ? await known : known;
      if (shape.kind === 'whole') {
        const run = { ...ready, context, client: generation.client, departure };
        const written = await runOperation(run, shape, turns);
        answer = isFinished(context)
          ? written
          : new WholeAnswer(await resolved(written.take(), context));
        return answer;
      }
      const asked = { request, context, delivery, generation, ready, close };
      answer = await answerInParts(asked, shape);
      if (answer.kind === 'subscription') generation.leave();
      return answer;
    } catch (error) {
      noteFailure(context, error);
      throw error;
    } finally {
      if (answer === null || answer.kind === 'whole') close();
    }
  };

  async function answerInParts(
    { request, context, delivery, generation, ready, close }: Asked,
    shape: Exclude<Shape, WholeShape>,
  ): Promise<Answer> {
    if (shape.kind === 'deferred') {
      const departure = ready.variant.changes ? undefined : context.departure;
      const run = { ...ready, context, client: generation.client, departure };
      const format = delivery.defer ?? '20220824';
      const { payloads, leave, end } = await runDeferred(run, shape, format);
      if (hooks.onDeferred === null) {
        return { kind: 'deferred', payloads: stream(payloads, context, leave, close) };
      }
      const live = createLiveAnswer(end);
      const leaveLive = (): void => {
        live.close();
        leave();
      };
      try {
        for (const hook of hooks.onDeferred) hook(live, context);
      } catch (error) {
        leaveLive();
        throw error;
      }
      return { kind: 'deferred', payloads: stream(payloads, context, leaveLive, close) };
    }
    const { answers, leave } = await openSubscription({ ...ready, shape }, generation, {
      context,
      supergraphs,
      live,
      hooks,
      move: async (next) => readyToRun(hooks, next, request, context, { defers: false }),
    });
    return { kind: 'subscription', payloads: stream(answers, context, leave, close) };
  }

  function stream(
    payloads: AsyncGenerator<string>,
    context: RequestContext,
    leave: () => void,
    close: () => void,
  ): Payloads {
    return new Payloads(payloads, {
      each: (text) => resolved(text, context),
      onFailure: (error) => noteFailure(context, error),
      onClose: () => {
        leave();
        close();
      },
    });
  }

  /** Whether nothing more is done to an answer, as is nearly always so. */
  function isFinished({ request }: RequestContext): boolean {
    return hooks.onResolution === null && !request.answerExtensions;
  }

  async function resolved(text: string, context: RequestContext): Promise<string> {
    const { answerExtensions: extensions } = context.request;
    if (hooks.onResolution === null) return extensions ? withExtensions(text, extensions) : text;
    const execution = JSON.parse(text) as ExecutionResult;
    // Mercurius' hooks change the execution in place.
    for (const hook of hooks.onResolution) await hook(execution, context);
    if (extensions) execution.extensions = { ...execution.extensions, ...extensions };
    return JSON.stringify(execution);
  }
}

/**
 * A GET can be repeated, prefetched and sent by any link, so it may only read (GraphQL over HTTP, §6.2.2). A
 * subscription needs a client that takes more than one answer.
 */
function checkDelivery({ definition }: PreparedOperation, delivery: Delivery): void {
  if (definition.operation === 'mutation' && !delivery.mutations) {
    throw new CodedError('METHOD_NOT_ALLOWED', 'A mutation cannot be sent with GET; use POST');
  }
  if (definition.operation === 'subscription' && !delivery.subscriptions) {
    throw new CodedError(
      'NOT_ACCEPTABLE',
      'A subscription is answered over a WebSocket, or as text/event-stream or multipart/mixed',
    );
  }
}

/** The same for a query with a field that has side effects, which only its conditions tell. */
function checkChange({ changes }: Variant, { mutations }: Delivery): void {
  if (!changes || mutations) return;
  throw new CodedError(
    'METHOD_NOT_ALLOWED',
    'An operation that changes something cannot be sent with GET; use POST',
  );
}

/** Writes down how the operation ends, for the hooks; the result tells them. */
function begin(
  onOperation: NonNullable<HookLists['onOperation']>,
  context: RequestContext,
): () => void {
  const started = performance.now();
  const ending: OperationEnding = { kind: null, code: null, durationMs: 0 };
  context.ending = ending;
  return () => {
    ending.durationMs = performance.now() - started;
    for (const hook of onOperation) hook(ending, context);
  };
}

/** The answer as it was written, digit for digit: an execution has no `extensions` of its own. */
function withExtensions(text: string, extensions: Readonly<Record<string, unknown>>): string {
  return `${text.slice(0, -1)},"extensions":${JSON.stringify(extensions)}}`;
}

function noteFailure({ ending }: RequestContext, error: unknown): void {
  if (ending === undefined) return;
  ending.code = error instanceof CodedError ? error.code : 'INTERNAL_SERVER_ERROR';
}
