import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { SEQUENCE_HEADER } from '#contract/identity.ts';
import { type Encoding, encodingOf, unpack } from './compression.ts';
import { abandoned, SubgraphFailure } from './failure.ts';
import type { SubgraphResponse } from './transport.ts';

export interface Deadlines {
  /** From the moment the request is sent to the head of its answer. */
  readonly firstByteTimeoutMs: number;
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number;
}

interface Settlers {
  readonly resolve: (response: SubgraphResponse) => void;
  readonly reject: (error: Error) => void;
}

/** One request and its answer, without the streams that undici's friendlier methods build. */
export class HttpExchange implements Dispatcher.DispatchHandler {
  readonly #name: string;
  readonly #options: Deadlines & { readonly maxResponseBytes: number };
  #settlers: Settlers | null;
  /** Monotonic, like all times here. */
  readonly #deadline: number;
  #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | null = null;
  #sentAt = 0;
  #isOver = false;
  #status = 0;
  #encoding: Encoding | null = null;
  #hasRetryAfter = false;
  #sequence: string | undefined = undefined;
  #length = 0;
  #chunks: Buffer[] = [];

  constructor(
    name: string,
    options: Deadlines & { readonly maxResponseBytes: number },
    timeLeftMs: number | undefined,
    resolve: (response: SubgraphResponse) => void,
    reject: (error: Error) => void,
  ) {
    this.#name = name;
    this.#options = options;
    this.#settlers = { resolve, reject };
    const timeoutMs = timeLeftMs ?? options.timeoutMs;
    this.#deadline = performance.now() + timeoutMs;
    this.#timer = this.#wakeIn(Math.min(timeoutMs, options.firstByteTimeoutMs));
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Nobody needs the answer any more. */
  abandon(): void {
    this.#giveUp(abandoned(this.#name));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#sentAt = performance.now();
    // It waited for a connection longer than it had time, or than anybody waited for it.
    if (this.#isOver) controller.abort(this.#late('answer', this.#options.timeoutMs));
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    this.#status = status;
    this.#hasRetryAfter = headers['retry-after'] !== undefined;
    const sequence = headers[SEQUENCE_HEADER];
    if (typeof sequence === 'string') this.#sequence = sequence;
    const encoding = encodingOf(headers['content-encoding']);
    if (encoding === undefined) {
      this.#giveUp(this.#undecodable());
      return;
    }
    this.#encoding = encoding;
    // What says that it will be too much need not be waited for.
    if (Number(headers['content-length']) > this.#options.maxResponseBytes) {
      this.#giveUp(this.#tooLarge());
    }
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length <= this.#options.maxResponseBytes) this.#chunks.push(chunk);
    else this.#giveUp(this.#tooLarge());
  }

  onResponseEnd(): void {
    if (!this.#finish()) return;
    const [first] = this.#chunks;
    const body =
      this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    // Whatever keeps this exchange, and be it until the next garbage collection, keeps no memory of the socket's, and
    // by #settle none of the answer's.
    this.#chunks = [];
    if (this.#encoding === null) this.#answer(body);
    else this.#unpack(this.#encoding, body);
  }

  onResponseError(_: Dispatcher.DispatchController | null, cause: Error): void {
    if (!this.#finish()) return;
    // What cannot be sent at all (a hook's broken header) is no fault of the subgraph's.
    if ('code' in cause && cause.code === 'UND_ERR_INVALID_ARG') this.#fail(cause);
    else this.#fail(this.#disconnected(cause));
  }

  #answer(body: Buffer): void {
    this.#settle()?.resolve({
      status: this.#status,
      body: body.toString('utf8'),
      hasRetryAfter: this.#hasRetryAfter,
      sequence: this.#sequence,
    });
  }

  #fail(error: Error): void {
    this.#settle()?.reject(error);
  }

  /** The functions that settle the call, once. */
  #settle(): Settlers | null {
    const settlers = this.#settlers;
    this.#settlers = null;
    return settlers;
  }

  #unpack(encoding: Encoding, packed: Buffer): void {
    unpack(encoding, packed, this.#options.maxResponseBytes).then(
      (body) => this.#answer(body),
      (cause: NodeJS.ErrnoException) =>
        this.#fail(
          cause.code === 'ERR_BUFFER_TOO_LARGE' ? this.#tooLarge() : this.#undecodable(cause),
        ),
    );
  }

  #wakeIn(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => this.#checkDeadlines(), milliseconds);
  }

  /** One timer for two bounds: it wakes at the nearer one and looks which of them holds. */
  #checkDeadlines(): void {
    const now = performance.now();
    const { firstByteTimeoutMs, timeoutMs } = this.#options;
    if (now >= this.#deadline) {
      this.#giveUp(this.#late('answer', timeoutMs));
      return;
    }
    let next = this.#deadline;
    if (this.#status === 0) {
      // While it waits for a connection, the subgraph's time has not begun.
      const since = this.#controller === null ? now : this.#sentAt;
      next = Math.min(next, since + firstByteTimeoutMs);
    }
    if (now >= next) this.#giveUp(this.#late('begin to answer', firstByteTimeoutMs));
    else this.#timer = this.#wakeIn(next - now);
  }

  #giveUp(reason: SubgraphFailure): void {
    if (!this.#finish()) return;
    this.#controller?.abort(reason);
    this.#fail(reason);
  }

  /** True for the first end only. */
  #finish(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    clearTimeout(this.#timer);
    return true;
  }

  #late(what: 'answer' | 'begin to answer', milliseconds: number): SubgraphFailure {
    return new SubgraphFailure(
      'timeout',
      `The subgraph "${this.#name}" did not ${what} within ${milliseconds} ms`,
    );
  }

  #disconnected(cause: Error): SubgraphFailure {
    if (this.#controller === null) {
      const message = `The subgraph "${this.#name}" cannot be reached`;
      return new SubgraphFailure('unreachable', message, { cause });
    }
    if (this.#status === 0) {
      const message = `The subgraph "${this.#name}" hung up without an answer`;
      return new SubgraphFailure('unanswered', message, { cause });
    }
    const message = `The subgraph "${this.#name}" broke off its answer`;
    return new SubgraphFailure('broken-off', message, { status: this.#status, cause });
  }

  #tooLarge(): SubgraphFailure {
    return new SubgraphFailure(
      'too-large',
      `The subgraph "${this.#name}" answered with more than ${this.#options.maxResponseBytes} bytes`,
      { status: this.#status },
    );
  }

  #undecodable(cause?: Error): SubgraphFailure {
    return new SubgraphFailure(
      'undecodable',
      `The subgraph "${this.#name}" answered in an encoding that cannot be read`,
      { status: this.#status, cause },
    );
  }
}
