import { CodedError } from '#contract/errors.ts';
import { clientHasLeft } from '../departure.ts';
import { AnswerErrors } from '../execute/answer-errors.ts';
import type { CompiledSubscription } from '../execute/compile-subscription.ts';
import { Mailbox } from '../execute/mailbox.ts';
import { writeAnswer } from '../execute/run-operation.ts';
import type { HookLists, RequestContext } from '../hooks.ts';
import type { Shape, SubscriptionShape } from '../operation/prepare.ts';
import type { ReadyOperation } from '../operation/ready-operation.ts';
import { RequestError } from '../operation/request-error.ts';
import type { SubgraphCall, SubgraphResult } from '../subgraph-client/subgraph-client.ts';
import type { Generation } from '../supergraph/generation.ts';
import type { LiveSubscriptions } from './live-subscriptions.ts';

/** Where a subscription finds the supergraph that is served. */
export interface Supergraphs {
  readonly current: Generation;
  /** Calls back after each swap; returns the way to stop. */
  onSwap(listener: () => void): () => void;
}

export interface SubscriptionParts {
  readonly context: RequestContext;
  readonly supergraphs: Supergraphs;
  readonly live: LiveSubscriptions;
  readonly hooks: HookLists;
  /** Prepares the same operation for another supergraph. @throws RequestError when it does not fit */
  readonly move: (next: Generation) => Promise<ReadyOperation>;
}

/** What makes the answers of a subscription, for one supergraph. */
interface Stage {
  readonly generation: Generation;
  readonly ready: ReadyOperation;
  readonly shape: SubscriptionShape;
  readonly compiled: CompiledSubscription;
  readonly stream: Stream;
}

/** What comes from the subgraph. It may outlast a supergraph. */
interface Stream {
  readonly call: SubgraphCall;
  readonly url: string | undefined;
  readonly events: AsyncIterator<SubgraphResult>;
  readonly leave: AbortController;
}

type Message =
  | { readonly kind: 'event'; readonly stream: Stream; readonly event: SubgraphResult }
  | { readonly kind: 'completed'; readonly stream: Stream }
  | { readonly kind: 'broken'; readonly stream: Stream; readonly error: unknown }
  | { readonly kind: 'swapped' }
  | { readonly kind: 'ended' };

/**
 * Opens a subscription. The answers come as JSON texts, one for each event, made with the supergraph that is
 * served by then.
 *
 * When the supergraph is replaced, the stream of the subgraph goes on if the new one asks it the same at the
 * same place; otherwise the new one is opened before the old one is left.
 * @throws CodedError when it cannot be opened. The iteration throws one when it ends for a reason that the
 *   client should know. Whoever reads it calls `leave` at the end.
 */
export async function openSubscription(
  ready: ReadyOperation & { readonly shape: SubscriptionShape },
  generation: Generation,
  parts: SubscriptionParts,
): Promise<{ readonly answers: AsyncGenerator<string>; readonly leave: () => void }> {
  const mailbox = new Mailbox<Message>();
  let end: { readonly reason: CodedError | null } | null = null;
  let running: RunningSubscription | null = null;
  const live = parts.live.begin((reason) => {
    end = { reason };
    // Also while nobody reads what has come.
    running?.leaveStream();
    mailbox.send({ kind: 'ended' });
  });
  try {
    for (const hook of parts.hooks.onSubscription ?? []) hook(live, parts.context);
    // Whoever asked holds the generation until the subscription has one of its own.
    generation.enter();
    const stage = await stageOf(ready, ready.shape, generation, parts, null).catch((error) => {
      generation.leave();
      throw error;
    });
    running = new RunningSubscription(stage, mailbox, parts, () => end);
    return { answers: running.run(live.close), leave: live.close };
  } catch (error) {
    live.close();
    throw error;
  }
}

class RunningSubscription {
  #stage: Stage;
  readonly #mailbox: Mailbox<Message>;
  readonly #parts: SubscriptionParts;
  readonly #end: () => { readonly reason: CodedError | null } | null;

  constructor(
    stage: Stage,
    mailbox: Mailbox<Message>,
    parts: SubscriptionParts,
    end: () => { readonly reason: CodedError | null } | null,
  ) {
    this.#stage = stage;
    this.#mailbox = mailbox;
    this.#parts = parts;
    this.#end = end;
  }

  leaveStream(): void {
    leave(this.#stage.stream);
  }

  async *run(close: () => void): AsyncGenerator<string> {
    const { supergraphs } = this.#parts;
    const unlisten = supergraphs.onSwap(() => this.#mailbox.send({ kind: 'swapped' }));
    try {
      // It may have been replaced while the stream was opened.
      if (supergraphs.current !== this.#stage.generation) await this.#move();
      this.#read();
      for (;;) {
        const message = await this.#mailbox.next();
        this.#throwIfEnded();
        if (message.kind === 'ended') return;
        if (message.kind === 'swapped') await this.#move();
        else if (message.stream !== this.#stage.stream) continue;
        else if (message.kind === 'completed') return;
        else if (message.kind === 'broken') throw message.error;
        else {
          const text = await this.#answer(message.event);
          // What was revoked meanwhile sees nothing more.
          this.#throwIfEnded();
          if (this.#end() !== null) return;
          yield text;
          this.#read();
        }
      }
    } finally {
      unlisten();
      leave(this.#stage.stream);
      this.#stage.generation.leave();
      close();
    }
  }

  #throwIfEnded(): void {
    const reason = this.#end()?.reason;
    if (reason) throw reason;
  }

  /** Asks for the next event. */
  #read(): void {
    const { stream } = this.#stage;
    stream.events.next().then(
      ({ done, value }) =>
        this.#mailbox.send(
          done ? { kind: 'completed', stream } : { kind: 'event', stream, event: value },
        ),
      (error: unknown) => this.#mailbox.send({ kind: 'broken', stream, error }),
    );
  }

  async #answer(event: SubgraphResult): Promise<string> {
    const { ready, shape, compiled, generation } = this.#stage;
    const { context } = this.#parts;
    const execution = {
      ...ready,
      context,
      client: generation.client,
      data: {},
      errors: new AnswerErrors(ready.access?.denials),
      shared: new Set<unknown>(),
    };
    compiled.receive(event, execution);
    await compiled.complete(execution);
    return writeAnswer(execution, shape.project);
  }

  /** Goes on with the supergraph that is served now. */
  async #move(): Promise<void> {
    const before = this.#stage;
    const next = this.#parts.supergraphs.current;
    if (next === before.generation) return;
    next.enter();
    try {
      const ready = await this.#parts.move(next);
      const shape = await ready.variant.shapeFor(ready.access?.denials ?? null);
      if (!isSubscription(shape)) throw new TypeError('the operation is no subscription any more');
      this.#stage = await stageOf(ready, shape, next, this.#parts, before.stream);
    } catch (error) {
      next.leave();
      if (!(error instanceof RequestError)) throw error;
      throw new CodedError(
        'SUPERGRAPH_CHANGED',
        `The supergraph has changed and the subscription no longer fits it: ${error.message}`,
        { cause: error },
      );
    }
    before.generation.leave();
    if (this.#stage.stream === before.stream) return;
    leave(before.stream);
    this.#read();
  }
}

/** Opens the stream that a stage needs; `kept` is one that may be it already. */
async function stageOf(
  ready: ReadyOperation,
  shape: SubscriptionShape,
  generation: Generation,
  { context }: SubscriptionParts,
  kept: Stream | null,
): Promise<Stage> {
  const compiled = await shape.draw();
  const call = compiled.callFor(ready.variables);
  const url = generation.supergraph.subgraphs.get(call.subgraph)?.url;
  const isSame =
    kept !== null &&
    kept.url === url &&
    kept.call.subgraph === call.subgraph &&
    kept.call.body === call.body;
  if (isSame) return { generation, ready, shape, compiled, stream: kept };
  const leave = new AbortController();
  // Once it is open, whoever reads it leaves it.
  context.departure?.onLeave(() => leave.abort(clientHasLeft()));
  const events = await generation.client.subscribe(call, context, leave.signal);
  return { generation, ready, shape, compiled, stream: { call, url, events, leave } };
}

function leave({ events, leave }: Stream): void {
  leave.abort();
  // Whether it ended well is of no interest to anyone any more.
  events.return?.().catch(() => undefined);
}

function isSubscription(shape: Shape): shape is SubscriptionShape {
  return shape.kind === 'subscription';
}
