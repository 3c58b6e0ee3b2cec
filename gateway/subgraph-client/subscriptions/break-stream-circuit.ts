import { circuitOpen, isFault } from '../break-circuit.ts';
import type { CircuitBreaker } from '../circuit-breaker.ts';
import type { SubgraphResult } from '../read-result.ts';
import type {
  ResultSink,
  SubscriptionRequest,
  SubscriptionTransport,
  Upstream,
} from './subscription-transport.ts';

/**
 * Asks the breaker before each stream, and tells it whether the stream opened. How a stream ends later is not told:
 * one subgraph's restart would count once for each stream.
 */
export function breakStreamCircuit(
  transport: SubscriptionTransport,
  name: string,
  breaker: CircuitBreaker,
): SubscriptionTransport {
  return {
    endpoint: transport.endpoint,
    start(request, sink) {
      const ticket = breaker.admit();
      if (ticket === null) return new NoStream(() => sink.end(circuitOpen(name)));
      return new WatchedStream(transport, request, sink, breaker, ticket);
    },
  };
}

/** What is started while the circuit is open. */
class NoStream implements Upstream {
  readonly isUnderstood = false;
  #isClosed = false;

  constructor(tell: () => void) {
    queueMicrotask(() => {
      if (!this.#isClosed) tell();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }
}

class WatchedStream implements Upstream {
  readonly #breaker: CircuitBreaker;
  readonly #stream: Upstream;
  /** To be handed back with the outcome; null afterwards. */
  #ticket: number | null;

  constructor(
    transport: SubscriptionTransport,
    request: SubscriptionRequest,
    sink: ResultSink,
    breaker: CircuitBreaker,
    ticket: number,
  ) {
    this.#breaker = breaker;
    this.#ticket = ticket;
    let refusedWith: SubgraphResult | null = null;
    this.#stream = transport.start(request, {
      open: (status) => {
        this.#record(false);
        sink.open(status);
      },
      next: (result, bytes) => {
        refusedWith = result;
        sink.next(result, bytes);
      },
      end: (failure) => {
        this.#record(failure === null ? (refusedWith?.status ?? 0) >= 500 : isFault(failure));
        sink.end(failure);
      },
    });
  }

  get isUnderstood(): boolean {
    return this.#stream.isUnderstood;
  }

  close(): Promise<void> {
    // Nothing is known of it, but the one that tries a half-open circuit has to have an outcome.
    if (this.#breaker.state === 'half-open') this.#record(true);
    return this.#stream.close();
  }

  #record(hasFailed: boolean): void {
    if (this.#ticket === null) return;
    this.#breaker.record(this.#ticket, hasFailed);
    this.#ticket = null;
  }
}
