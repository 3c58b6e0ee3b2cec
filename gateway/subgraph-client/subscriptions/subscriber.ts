import { copyJson } from '../../execute/merge.ts';
import { SubgraphFailure } from '../failure.ts';
import type { SubgraphResult } from '../read-result.ts';

export interface SubscriberOptions {
  readonly bufferedEvents: number;
  readonly bufferedBytes: number;
}

interface Waiting {
  readonly result: SubgraphResult;
  readonly bytes: number;
  /** Whether others hold it too. */
  readonly isShared: boolean;
}

/** One who reads a stream, at their own pace within bounds: whoever is too slow is ended, and slows nobody. */
export class Subscriber implements AsyncIterableIterator<SubgraphResult> {
  /** The status that the stream came with, once it is open. */
  readonly opened: Promise<number>;
  /** Settles when there is nothing more to wait for. */
  readonly over: Promise<void>;
  readonly #opening = Promise.withResolvers<number>();
  readonly #ending = Promise.withResolvers<void>();
  readonly #name: string;
  readonly #options: SubscriberOptions;
  readonly #onLeave: (subscriber: Subscriber) => void;
  readonly #buffer: Waiting[] = [];
  #bufferedBytes = 0;
  readonly #reads: PromiseWithResolvers<IteratorResult<SubgraphResult, undefined>>[] = [];
  #isOver = false;
  /** What is still to be thrown once. */
  #failure: Error | null = null;

  constructor(name: string, options: SubscriberOptions, onLeave: (subscriber: Subscriber) => void) {
    this.#name = name;
    this.#options = options;
    this.#onLeave = onLeave;
    this.opened = this.#opening.promise;
    this.over = this.#ending.promise;
  }

  open(status: number): void {
    this.#opening.resolve(status);
  }

  push(result: SubgraphResult, bytes: number, isShared: boolean): void {
    if (this.#isOver) return;
    const waiting = { result, bytes, isShared };
    const read = this.#reads.shift();
    if (read !== undefined) {
      read.resolve({ done: false, value: own(waiting) });
      return;
    }
    const { bufferedEvents, bufferedBytes } = this.#options;
    const isFull = this.#buffer.length > 0 && this.#bufferedBytes + bytes > bufferedBytes;
    if (isFull || this.#buffer.length >= bufferedEvents) {
      this.#overrun();
      return;
    }
    this.#buffer.push(waiting);
    this.#bufferedBytes += bytes;
  }

  /** The stream has ended; what came before is still read. */
  end(failure: Error | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#failure = failure;
    this.#ending.resolve();
    // A stream that ends without having opened has a result that says why, or a failure.
    if (failure === null) this.#opening.resolve(this.#buffer[0]?.result.status ?? 0);
    else this.#opening.reject(failure);
    for (const read of this.#reads.splice(0)) this.#settle(read);
  }

  /** Ends it from outside: what came before is dropped. */
  leave(failure: Error | null): void {
    if (!this.#isOver) this.#onLeave(this);
    this.end(failure);
    this.#drop();
  }

  /** Leaves quietly; while the stream is not open yet, whoever waits for that is told why. */
  abandon(reason: unknown): void {
    this.#opening.reject(reason);
    this.leave(null);
  }

  next(): Promise<IteratorResult<SubgraphResult, undefined>> {
    const read = Promise.withResolvers<IteratorResult<SubgraphResult, undefined>>();
    const waiting = this.#buffer.shift();
    if (waiting !== undefined) {
      this.#bufferedBytes -= waiting.bytes;
      read.resolve({ done: false, value: own(waiting) });
    } else if (this.#isOver) this.#settle(read);
    else this.#reads.push(read);
    return read.promise;
  }

  async return(): Promise<IteratorResult<SubgraphResult, undefined>> {
    this.leave(null);
    this.#failure = null;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #settle(read: PromiseWithResolvers<IteratorResult<SubgraphResult, undefined>>): void {
    if (this.#failure === null) {
      read.resolve({ done: true, value: undefined });
      return;
    }
    read.reject(this.#failure);
    this.#failure = null;
  }

  #overrun(): void {
    const message = `Events of the subgraph "${this.#name}" come faster than they are read`;
    this.leave(new SubgraphFailure('overrun', message));
  }

  #drop(): void {
    this.#buffer.length = 0;
    this.#bufferedBytes = 0;
  }
}

/** The result as the reader's own. */
function own({ result, isShared }: Waiting): SubgraphResult {
  if (!isShared) return result;
  return { ...result, data: copyJson(result.data), errors: copyJson(result.errors) };
}
