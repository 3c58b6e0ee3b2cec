import { setTimeout as wait } from 'node:timers/promises';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { IdentityEvent } from '#contract/identity.ts';
import { decodeFeedMessage, encodePosition, type FeedPosition } from '#contract/identity-feed.ts';

export interface EventFeedParts {
  /** Opens the stream after this position (from now on, without one). Its bytes end with an error or not at all. */
  readonly open: (
    lastEventId: string | null,
    signal: AbortSignal,
  ) => Promise<AsyncIterable<Uint8Array>>;
  /** Told once of each outage. */
  readonly onFailure: (error: unknown) => void;
}

interface Listener {
  readonly onEvent: (event: IdentityEvent) => void;
  readonly onReset: ((sequence: number) => void) | undefined;
}

const MAX_MESSAGE_BYTES = 16_384;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** A feed that is behind, and tells nothing for so long, is opened anew. */
const STALLED_MS = 1_000;

/**
 * The events of an identity service, over one stream that is opened anew from where it broke.
 *
 * What was told is counted only when its message was whole and understood; otherwise everything is forgotten.
 */
export class EventFeed {
  readonly #parts: EventFeedParts;
  readonly #listeners = new Set<Listener>();
  readonly #waiting = new Set<() => void>();
  readonly #closing = new AbortController();
  #position: FeedPosition | null = null;
  /** Ends the stream that is open. */
  #stream = new AbortController();
  #pause = new AbortController();
  #isRunning = false;
  #isWatched = false;

  constructor(parts: EventFeedParts) {
    this.#parts = parts;
  }

  /** The number up to which everything was told; -1 while nothing was. */
  get told(): number {
    return this.#position?.sequence ?? -1;
  }

  /** Opens the stream, with the first listener. */
  subscribe(
    onEvent: (event: IdentityEvent) => void,
    onReset?: (sequence: number) => void,
  ): () => void {
    const listener = { onEvent, onReset };
    this.#listeners.add(listener);
    if (!this.#isRunning) {
      this.#isRunning = true;
      void this.#run();
    }
    return () => this.#listeners.delete(listener);
  }

  /** Settles when everything up to this number was told; with false when that takes longer than `limitMs`. */
  toldUpTo(sequence: number, limitMs: number): Promise<boolean> {
    if (this.told >= sequence) return Promise.resolve(true);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const settle = (): void => {
      clearTimeout(timer);
      this.#waiting.delete(look);
      resolve(this.told >= sequence);
    };
    const look = (): void => {
      if (this.told >= sequence || this.#closing.signal.aborted) settle();
    };
    const timer = setTimeout(settle, limitMs).unref();
    this.#waiting.add(look);
    return promise;
  }

  /** Somebody knows of this event: a stream that does not tell it soon does not work. */
  async expect(sequence: number): Promise<void> {
    if (!this.#isRunning || this.told >= sequence) return;
    // Identity answers: there is no need to wait before it is tried again.
    this.#pause.abort();
    if (this.#isWatched) return;
    this.#isWatched = true;
    const { told } = this;
    const stream = this.#stream;
    await this.toldUpTo(sequence, STALLED_MS);
    this.#isWatched = false;
    if (this.told < sequence && this.told === told) {
      stream.abort(new Error('the feed of identity events is stalled'));
    }
  }

  /** Forgets where it was: what it tells next is a reset. */
  restart(): void {
    this.#position = null;
    this.#stream.abort(new Error('the feed of identity events begins anew'));
  }

  close(): void {
    this.#closing.abort();
    this.#stream.abort();
    this.#pause.abort();
    this.#progress();
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#closing.signal.aborted) {
      this.#stream = new AbortController();
      try {
        await this.#read(this.#stream.signal, () => {
          failures = 0;
        });
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        if (failures === 0) this.#parts.onFailure(error);
        failures += 1;
      }
      this.#pause = new AbortController();
      const { signal } = this.#pause;
      await wait(pauseAfter(failures), undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #read(signal: AbortSignal, onMessage: () => void): Promise<void> {
    const lastEventId = this.#position === null ? null : encodePosition(this.#position);
    const bytes = await this.#parts.open(lastEventId, signal);
    const decoder = new TextDecoder();
    const parser = createParser({
      maxBufferSize: MAX_MESSAGE_BYTES,
      onEvent: (message) => {
        // Of a stream that was given up nothing counts, however late it comes.
        if (signal.aborted) return;
        this.#take(message);
        onMessage();
      },
      onError: (error) => {
        if (error.type === 'max-buffer-size-exceeded') throw error;
      },
    });
    for await (const chunk of bytes) {
      signal.throwIfAborted();
      parser.feed(decoder.decode(chunk, { stream: true }));
    }
    throw new Error('the feed of identity events ended');
  }

  #take(received: EventSourceMessage): void {
    const message = decodeFeedMessage(received);
    if (message === null) {
      this.#position = null;
      throw new Error('the feed of identity events sent something else');
    }
    const { kind, position } = message;
    if (kind === 'touched') this.#tell(({ onEvent }) => onEvent(message.event));
    // After a reset numbers may be lower; otherwise what comes twice is no step back.
    if (kind === 'reset' || position.sequence > this.told) this.#position = position;
    if (kind === 'reset') this.#tell(({ onReset }) => onReset?.(position.sequence));
    this.#progress();
  }

  #tell(what: (listener: Listener) => void): void {
    for (const listener of this.#listeners) what(listener);
  }

  #progress(): void {
    for (const look of this.#waiting) look();
  }
}

function pauseAfter(failures: number): number {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** Math.max(failures - 1, 0), LONGEST_PAUSE_MS);
  // Gateways that lost the same identity do not come back in step.
  return longest * (0.5 + Math.random() / 2);
}
