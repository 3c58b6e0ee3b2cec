import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { hasLongInteger, parseExact } from '../../execute/exact-json.ts';
import { isJsonObject } from '../../execute/json.ts';
import { SubgraphFailure } from '../failure.ts';
import { asResult, type SubgraphResult, withPlainErrors } from '../read-result.ts';
import { eventTooLarge, notAResult } from './event-stream-reader.ts';
import type { SubscriptionsOptions } from './subscription-options.ts';
import type {
  ResultSink,
  SubscriptionRequest,
  SubscriptionTransport,
  Upstream,
} from './subscription-transport.ts';
import {
  type ConnectionProgress,
  failureOfCause,
  failureOfClose,
  lateFailure,
  NORMAL_CLOSURE,
} from './websocket-failure.ts';

export type WebSocketOptions = Pick<
  SubscriptionsOptions,
  'openTimeoutMs' | 'pingMs' | 'maxEventBytes'
> & { readonly connectTimeoutMs: number };

/**
 * Subscribes over a WebSocket (subprotocol graphql-transport-ws). Each stream has a connection of its own, so that
 * no caller's claims stand for another's, and a stream that floods or breaks takes no other with it.
 *
 * The headers of the call are sent twice: with the upgrade, and as the payload of `connection_init`, because
 * servers look for credentials in either place.
 */
export function createWebSocketTransport(
  name: string,
  url: URL,
  options: WebSocketOptions,
): SubscriptionTransport {
  return {
    endpoint: url.href,
    start: (request, sink) => new WebSocketStream(name, url, options, request, sink),
  };
}

class WebSocketStream implements Upstream {
  readonly #name: string;
  readonly #options: WebSocketOptions;
  readonly #sink: ResultSink;
  readonly #client: Client;
  readonly #timer: NodeJS.Timeout;
  readonly #gone = Promise.withResolvers<void>();
  #socket: WebSocket | null = null;
  #unsubscribe: () => void = () => undefined;
  #pongTimer: NodeJS.Timeout | undefined;
  /** The HTTP status of an answer that was no upgrade. */
  #refusedWith: number | null = null;
  /** Whether it has been upgraded to the subprotocol. */
  #isUnderstood = false;
  #isOpen = false;
  #isOver = false;
  #messageBytes = 0;
  /** The text of the message that is being read, when the client cannot read all its integers. */
  #exactText: string | null = null;

  constructor(
    name: string,
    url: URL,
    options: WebSocketOptions,
    { headers, body }: SubscriptionRequest,
    sink: ResultSink,
  ) {
    this.#name = name;
    this.#options = options;
    this.#sink = sink;
    const told = connectionHeaders(headers);
    this.#timer = setTimeout(
      () => this.#end(lateFailure(name, 'open the stream', options.openTimeoutMs)),
      options.openTimeoutMs,
    );
    this.#client = createClient({
      url: url.href,
      connectionParams: told,
      // Whoever subscribed is told that it broke; nothing is subscribed to again behind their back.
      retryAttempts: 0,
      keepAlive: options.pingMs,
      webSocketImpl: this.#socketClass(told),
      on: {
        connected: () => this.#connected(),
        ping: (received) => {
          if (!received) this.#expectPong();
        },
        pong: (received) => {
          if (received) clearTimeout(this.#pongTimer);
        },
        closed: (event) => this.#closed(event),
      },
    });
    this.#unsubscribe = this.#client.subscribe(JSON.parse(body), {
      next: (payload) => this.#next(payload),
      error: (error) => this.#failed(error),
      complete: () => this.#end(null),
    });
  }

  get isUnderstood(): boolean {
    return this.#isUnderstood;
  }

  /** Says `complete`, closes, and settles when the connection is gone. */
  async close(): Promise<void> {
    this.#finish();
    await this.#gone.promise;
  }

  /** The class of the sockets that the client makes, with what the standard constructor has no place for. */
  #socketClass(
    headers: Readonly<Record<string, string>>,
  ): new (
    url: string,
    protocol: string,
  ) => WebSocket {
    const { connectTimeoutMs, maxEventBytes } = this.#options;
    const options = {
      headers,
      handshakeTimeout: connectTimeoutMs,
      maxPayload: maxEventBytes + ROOM_FOR_ENVELOPE,
      perMessageDeflate: false,
      closeTimeout: CLOSE_TIMEOUT_MS,
    };
    const adopt = (socket: WebSocket): void => this.#adopt(socket);
    return class extends WebSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol, options);
        adopt(this);
      }
    };
  }

  #adopt(socket: WebSocket): void {
    this.#socket = socket;
    socket.on('open', () => {
      this.#isUnderstood = true;
    });
    socket.on('unexpected-response', (_, response) => {
      this.#refusedWith = response.statusCode ?? null;
      socket.terminate();
    });
    // Before the client reads it: what it makes of a message no longer tells its size.
    socket.on('message', (data: Buffer) => {
      this.#messageBytes = data.length;
      this.#exactText = hasLongInteger(data.toString('latin1')) ? data.toString('utf8') : null;
    });
    socket.on('error', (cause) => this.#failed(cause));
    socket.on('close', () => this.#gone.resolve());
    // It was left before the client came to open it.
    if (this.#isOver) socket.terminate();
  }

  #connected(): void {
    // The client sends `subscribe` before this runs, and no answer can be read before it.
    setImmediate(() => {
      if (this.#isOver) return;
      clearTimeout(this.#timer);
      this.#isOpen = true;
      this.#sink.open(SWITCHING_PROTOCOLS);
    });
  }

  #next(payload: unknown): void {
    if (this.#isOver) return;
    if (this.#messageBytes > this.#options.maxEventBytes) {
      this.#end(eventTooLarge(this.#name, this.#options));
      return;
    }
    try {
      this.#sink.next(this.#resultOf(payload), this.#messageBytes);
    } catch (error) {
      if (!(error instanceof SubgraphFailure)) throw error;
      this.#end(notAResult(this.#name, error));
    }
  }

  #resultOf(payload: unknown): SubgraphResult {
    if (this.#exactText === null) return asResult(this.#name, OK, payload);
    const message = parseExact(this.#exactText);
    const exact = isJsonObject(message) ? message.payload : undefined;
    return withPlainErrors(asResult(this.#name, OK, exact));
  }

  /** By the subgraph's `error` message, or by what the socket or a message that cannot be read brought. */
  #failed(error: unknown): void {
    if (this.#isOver) return;
    if (Array.isArray(error)) {
      const errors = error.filter(isJsonObject);
      this.#sink.next({ data: null, errors, status: OK }, this.#messageBytes);
      this.#end(null);
    } else {
      this.#end(failureOfCause(error, this.#progress));
    }
  }

  get #progress(): ConnectionProgress {
    return {
      name: this.#name,
      options: this.#options,
      refusedWith: this.#refusedWith,
      isUnderstood: this.#isUnderstood,
      isOpen: this.#isOpen,
    };
  }

  #closed(event: unknown): void {
    clearTimeout(this.#pongTimer);
    if (this.#isOver) return;
    // Without an upgrade an error has come before, and says more.
    const code = this.#isUnderstood ? codeIn(event) : null;
    if (code === null) return;
    if (code === NORMAL_CLOSURE && this.#isOpen) this.#end(null);
    else this.#end(failureOfClose(code, this.#progress));
  }

  #expectPong(): void {
    const { pingMs } = this.#options;
    clearTimeout(this.#pongTimer);
    this.#pongTimer = setTimeout(() => {
      this.#end(lateFailure(this.#name, 'answer a ping', pingMs));
      this.#socket?.terminate();
    }, pingMs);
  }

  #end(failure: SubgraphFailure | null): void {
    if (this.#finish()) this.#sink.end(failure);
  }

  /** True for the first end only. */
  #finish(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#pongTimer);
    // Says `complete` while the stream is open, and then closes.
    this.#unsubscribe();
    const socket = this.#socket;
    if (socket === null) this.#gone.resolve();
    else if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
    else if (!this.#isOpen) socket.close(NORMAL_CLOSURE);
    return true;
  }
}

const OK = 200;
const SWITCHING_PROTOCOLS = 101;
const ROOM_FOR_ENVELOPE = 1_024;
/** How long the subgraph has to answer our closing before the connection is cut. */
const CLOSE_TIMEOUT_MS = 1_000;

/** Hop-by-hop headers and those of a body say nothing here; the handshake sets its own. */
function connectionHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const { 'content-type': _, accept: __, 'accept-encoding': ___, ...others } = headers;
  return others;
}

function codeIn(event: unknown): number | null {
  if (typeof event !== 'object' || event === null || !('code' in event)) return null;
  return typeof event.code === 'number' ? event.code : null;
}
