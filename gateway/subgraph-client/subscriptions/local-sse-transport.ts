import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { SubgraphFailure } from '../failure.ts';
import { EventStreamReader, STREAM_STATUS } from './event-stream-reader.ts';
import { isEventStream, tellRefusal } from './refusal.ts';
import { type SseOptions, sseHeaders } from './sse-transport.ts';
import type {
  ResultSink,
  SubscriptionRequest,
  SubscriptionTransport,
  Upstream,
} from './subscription-transport.ts';

/** Subscribes to a subgraph that runs in this process, through its own routes and guards, without a socket. */
export function createLocalSseTransport(
  name: string,
  app: FastifyInstance,
  options: Pick<SseOptions, 'openTimeoutMs' | 'maxEventBytes'>,
): SubscriptionTransport {
  return {
    endpoint: `local ${name}`,
    start: (request, sink) => {
      const stream = new LocalStream(name, options, sink);
      void stream.run(app, request);
      return stream;
    },
  };
}

class LocalStream implements Upstream {
  /** There is no other way to it. */
  readonly isUnderstood = true;
  readonly #name: string;
  readonly #options: Pick<SseOptions, 'openTimeoutMs' | 'maxEventBytes'>;
  readonly #sink: ResultSink;
  /** The subgraph's side of it, whose end tells the subgraph that we have left. */
  #response: Pick<ServerResponse, 'destroy'> | null = null;
  readonly #timer: NodeJS.Timeout;
  #isOver = false;

  constructor(
    name: string,
    options: Pick<SseOptions, 'openTimeoutMs' | 'maxEventBytes'>,
    sink: ResultSink,
  ) {
    this.#name = name;
    this.#options = options;
    this.#sink = sink;
    const { openTimeoutMs } = options;
    this.#timer = setTimeout(() => {
      const message = `The subgraph "${name}" did not open the stream within ${openTimeoutMs} ms`;
      this.#end(new SubgraphFailure('timeout', message));
    }, openTimeoutMs);
  }

  async run(app: FastifyInstance, { headers, body }: SubscriptionRequest): Promise<void> {
    try {
      const response = await app.inject({
        method: 'POST',
        url: '/graphql',
        headers: sseHeaders(headers),
        payload: body,
        payloadAsStream: true,
      });
      this.#response = response.raw.res;
      if (this.#isOver) {
        this.#response.destroy();
        return;
      }
      const { statusCode: status } = response;
      if (isEventStream(response.headers['content-type'])) {
        await this.#read(status, response.stream());
      } else {
        const refusal = await textOf(response.stream(), this.#options.maxEventBytes);
        if (this.#finish()) tellRefusal(this.#sink, this.#name, status, refusal);
      }
    } catch (cause) {
      const message = `The subgraph "${this.#name}" broke off its stream`;
      this.#end(new SubgraphFailure('broken-off', message, { cause }));
    }
  }

  async close(): Promise<void> {
    this.#finish();
  }

  async #read(status: number, stream: Readable): Promise<void> {
    const reader = new EventStreamReader(this.#name, this.#options, status, {
      next: (result, bytes) => {
        if (!this.#isOver) this.#sink.next(result, bytes);
      },
      end: (failure) => this.#end(failure),
    });
    if (status === STREAM_STATUS) {
      clearTimeout(this.#timer);
      this.#sink.open(status);
    }
    for await (const chunk of stream) reader.feed(chunk);
    reader.finish();
  }

  #end(failure: SubgraphFailure | null): void {
    if (this.#finish()) this.#sink.end(failure);
  }

  /** True for the first end only. */
  #finish(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#response?.destroy();
    return true;
  }
}

/** The text of a body, and none of one that is too large. */
async function textOf(stream: Readable, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > maxBytes) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
