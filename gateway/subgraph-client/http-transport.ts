import { type Dispatcher, Pool } from 'undici';
import { CodedError } from '#contract/errors.ts';
import type { SubgraphResponse, SubgraphTransport } from './transport.ts';

export interface HttpTransportOptions {
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** From the request to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
}

/** Calls a subgraph over HTTP, on kept-alive connections. */
export function createHttpTransport(
  name: string,
  url: string,
  options: HttpTransportOptions,
): SubgraphTransport {
  const { origin, pathname, search } = new URL(url);
  const path = pathname + search;
  const pool = new Pool(origin, {
    connections: options.connections,
    connect: { timeout: options.connectTimeoutMs },
    // One timer of our own watches over the whole exchange.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        pool.dispatch(
          { method: 'POST', path, headers: request.headers, body: request.body },
          new Exchange(name, options, resolve, reject),
        );
      }),
    close: () => pool.close(),
  };
}

/** One request and its answer, without the streams that undici's friendlier methods build. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #name: string;
  readonly #options: HttpTransportOptions;
  readonly #resolve: (response: SubgraphResponse) => void;
  readonly #reject: (error: CodedError) => void;
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | null = null;
  #isOver = false;
  #status = 0;
  #length = 0;
  readonly #chunks: Buffer[] = [];

  constructor(
    name: string,
    options: HttpTransportOptions,
    resolve: (response: SubgraphResponse) => void,
    reject: (error: CodedError) => void,
  ) {
    this.#name = name;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(() => this.#giveUp(this.#timeout()), options.timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It waited for a connection longer than it had time.
    if (this.#isOver) controller.abort(this.#timeout());
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length <= this.#options.maxResponseBytes) {
      this.#chunks.push(chunk);
      return;
    }
    const limit = `${this.#options.maxResponseBytes} bytes`;
    this.#giveUp(
      new CodedError(
        'SUBGRAPH_INVALID_RESPONSE',
        `The subgraph "${this.#name}" answered with more than ${limit}`,
      ),
    );
  }

  onResponseEnd(): void {
    if (!this.#finish()) return;
    const [first] = this.#chunks;
    const body =
      this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    this.#resolve({ status: this.#status, body: body.toString('utf8') });
  }

  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    if (!this.#finish()) return;
    // Where a subgraph runs is no business of a client's.
    this.#reject(
      new CodedError('SUBGRAPH_UNAVAILABLE', `The subgraph "${this.#name}" cannot be reached`, {
        cause,
      }),
    );
  }

  #giveUp(reason: CodedError): void {
    if (!this.#finish()) return;
    this.#controller?.abort(reason);
    this.#reject(reason);
  }

  /** True for the first end only. */
  #finish(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    clearTimeout(this.#timer);
    return true;
  }

  #timeout(): CodedError {
    return new CodedError(
      'SUBGRAPH_UNAVAILABLE',
      `The subgraph "${this.#name}" did not answer within ${this.#options.timeoutMs} ms`,
    );
  }
}
