import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { SubgraphFailure } from '../failure.ts';
import { readResult } from '../read-result.ts';
import type { ResultSink } from './subscription-transport.ts';

export interface EventStreamOptions {
  readonly maxEventBytes: number;
}

/** The status of an answer that is a stream, and not a refusal told as one. */
export const STREAM_STATUS = 200;

/**
 * Reads GraphQL over server-sent events (WHATWG event stream; GraphQL over SSE, distinct connections mode) from
 * bytes that may be cut anywhere.
 *
 * Events without a name are results too, as old servers sent them, and a body that ends as HTTP says it ends is
 * complete, with or without the event that says so. Comments are heartbeats.
 */
export class EventStreamReader {
  readonly #name: string;
  readonly #options: EventStreamOptions;
  readonly #sink: Pick<ResultSink, 'next' | 'end'>;
  readonly #decoder = new TextDecoder();
  readonly #parser: ReturnType<typeof createParser>;
  readonly #status: number;
  #hasResult = false;
  #isOver = false;

  /** @param status what the stream came with; what comes with another one than 200 is a refusal */
  constructor(
    name: string,
    options: EventStreamOptions,
    status: number,
    sink: Pick<ResultSink, 'next' | 'end'>,
  ) {
    this.#name = name;
    this.#status = status;
    this.#options = options;
    this.#sink = sink;
    this.#parser = createParser({
      maxBufferSize: options.maxEventBytes + ROOM_FOR_FIELD_NAMES,
      onEvent: (event) => this.#read(event),
      onError: ({ type }) => {
        if (type === 'max-buffer-size-exceeded') this.#end(eventTooLarge(name, options));
      },
    });
  }

  feed(chunk: Buffer): void {
    if (!this.#isOver) this.#parser.feed(this.#decoder.decode(chunk, { stream: true }));
  }

  /** All bytes have come. */
  finish(): void {
    this.#end(null);
  }

  #read({ event = 'next', data }: EventSourceMessage): void {
    if (this.#isOver) return;
    if (event === 'complete') {
      this.#end(null);
      return;
    }
    if (event !== 'next') return;
    const bytes = Buffer.byteLength(data);
    if (bytes > this.#options.maxEventBytes) {
      this.#end(eventTooLarge(this.#name, this.#options));
      return;
    }
    try {
      const result = readResult(this.#name, {
        status: this.#status,
        body: data,
        hasRetryAfter: false,
      });
      this.#hasResult = true;
      this.#sink.next(result, bytes);
    } catch (error) {
      if (!(error instanceof SubgraphFailure)) throw error;
      this.#end(notAResult(this.#name, error));
    }
  }

  #end(failure: SubgraphFailure | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const isStream = this.#status === STREAM_STATUS || this.#hasResult;
    this.#sink.end(failure ?? (isStream ? null : notAStream(this.#name, this.#status)));
  }
}

const ROOM_FOR_FIELD_NAMES = 1_024;

export function eventTooLarge(
  name: string,
  { maxEventBytes }: EventStreamOptions,
): SubgraphFailure {
  return new SubgraphFailure(
    'too-large',
    `The subgraph "${name}" sent an event of more than ${maxEventBytes} bytes`,
  );
}

export function notAStream(name: string, status: number): SubgraphFailure {
  return new SubgraphFailure(
    'refused',
    `The subgraph "${name}" did not answer a subscription with a stream (HTTP status ${status})`,
    { status },
  );
}

export function notAResult(name: string, cause: unknown): SubgraphFailure {
  return new SubgraphFailure(
    'not-graphql',
    `The subgraph "${name}" sent an event that is not a GraphQL result`,
    { cause },
  );
}
