import type { IncomingHttpHeaders } from 'node:http';
import { Client, type Dispatcher } from 'undici';
import { SubgraphFailure } from '../failure.ts';
import { EventStreamReader, STREAM_STATUS } from './event-stream-reader.ts';
import { isEventStream, tellRefusal } from './refusal.ts';
import type { SubscriptionsOptions } from './subscription-options.ts';
import type {
  ResultSink,
  SubscriptionRequest,
  SubscriptionTransport,
  Upstream,
} from './subscription-transport.ts';

export type SseOptions = Pick<
  SubscriptionsOptions,
  'openTimeoutMs' | 'idleTimeoutMs' | 'maxEventBytes'
> & { readonly connectTimeoutMs: number };

/**
 * Subscribes over server-sent events: GraphQL over SSE, distinct connections mode. Each stream has a connection
 * of its own, which ends with it: streams take none from the pool that calls wait for.
 */
export function createSseTransport(
  name: string,
  url: URL,
  options: SseOptions,
): SubscriptionTransport {
  return {
    endpoint: url.href,
    start: (request, sink) => new SseStream(name, url, options, request, sink),
  };
}

/** The headers of a subscription over SSE: as those of a call, but for what is accepted. */
export function sseHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const { 'accept-encoding': _, ...others } = headers;
  return { ...others, accept: 'text/event-stream' };
}

class SseStream implements Dispatcher.DispatchHandler, Upstream {
  readonly #name: string;
  readonly #options: SseOptions;
  readonly #sink: ResultSink;
  readonly #client: Client;
  #timer: NodeJS.Timeout;
  #wasSent = false;
  #status = 0;
  #reader: EventStreamReader | null = null;
  /** The body of an answer that is no stream. */
  #refusal: Buffer[] = [];
  #refusalLength = 0;
  #isOpen = false;
  #isOver = false;

  constructor(
    name: string,
    { origin, pathname, search }: URL,
    options: SseOptions,
    { headers, body }: SubscriptionRequest,
    sink: ResultSink,
  ) {
    this.#name = name;
    this.#options = options;
    this.#sink = sink;
    this.#client = new Client(origin, {
      connect: { timeout: options.connectTimeoutMs },
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.#timer = setTimeout(
      () => this.#end(this.#silent('open the stream', options.openTimeoutMs)),
      options.openTimeoutMs,
    );
    const path = pathname + search;
    this.#client.dispatch({ method: 'POST', path, headers: sseHeaders(headers), body }, this);
  }

  get isUnderstood(): boolean {
    return this.#reader !== null;
  }

  onRequestStart(): void {
    this.#wasSent = true;
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (this.#isOver || status < 200) return;
    this.#status = status;
    if (isPacked(headers['content-encoding'])) {
      this.#end(
        new SubgraphFailure(
          'undecodable',
          `The subgraph "${this.#name}" answered in an encoding that it was not asked for`,
          { status },
        ),
      );
      return;
    }
    if (!isEventStream(headers['content-type'])) return;
    this.#reader = new EventStreamReader(this.#name, this.#options, status, {
      next: (result, bytes) => {
        if (!this.#isOver) this.#sink.next(result, bytes);
      },
      end: (failure) => this.#end(failure),
    });
    if (status !== STREAM_STATUS) return;
    clearTimeout(this.#timer);
    const { idleTimeoutMs } = this.#options;
    if (idleTimeoutMs > 0) {
      this.#timer = setTimeout(
        () => this.#end(this.#silent('send anything', idleTimeoutMs)),
        idleTimeoutMs,
      );
    }
    this.#isOpen = true;
    this.#sink.open(status);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver) return;
    if (this.#reader !== null) {
      if (this.#isOpen && this.#options.idleTimeoutMs > 0) this.#timer.refresh();
      this.#reader.feed(chunk);
      return;
    }
    this.#refusalLength += chunk.length;
    if (this.#refusalLength <= this.#options.maxEventBytes) this.#refusal.push(chunk);
    else this.#refuse('');
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    if (this.#reader !== null) this.#reader.finish();
    else this.#refuse(Buffer.concat(this.#refusal).toString('utf8'));
  }

  onResponseError(_: Dispatcher.DispatchController | null, cause: Error): void {
    if (!this.#isOver) this.#end(this.#disconnected(cause));
  }

  async close(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    await this.#client.destroy();
  }

  #refuse(body: string): void {
    if (!this.#finish()) return;
    tellRefusal(this.#sink, this.#name, this.#status, body);
  }

  #end(failure: SubgraphFailure | null): void {
    if (this.#finish()) this.#sink.end(failure);
  }

  /** True for the first end only. */
  #finish(): boolean {
    if (this.#isOver) return false;
    void this.close();
    return true;
  }

  #silent(what: string, milliseconds: number): SubgraphFailure {
    return new SubgraphFailure(
      'timeout',
      `The subgraph "${this.#name}" did not ${what} within ${milliseconds} ms`,
    );
  }

  #disconnected(cause: Error): SubgraphFailure {
    if (!this.#wasSent) {
      const message = `The subgraph "${this.#name}" cannot be reached`;
      return new SubgraphFailure('unreachable', message, { cause });
    }
    if (this.#status === 0) {
      const message = `The subgraph "${this.#name}" hung up without an answer`;
      return new SubgraphFailure('unanswered', message, { cause });
    }
    const message = `The subgraph "${this.#name}" broke off its stream`;
    return new SubgraphFailure('broken-off', message, { status: this.#status, cause });
  }
}

/** Yoga says `none` where there is no packing. */
function isPacked(encoding: string | undefined): boolean {
  return encoding !== undefined && !/^(identity|none|)$/i.test(encoding);
}
