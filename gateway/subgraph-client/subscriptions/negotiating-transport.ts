import type { SubgraphFailure } from '../failure.ts';
import type { SubgraphResult } from '../read-result.ts';
import type {
  ResultSink,
  SubscriptionRequest,
  SubscriptionTransport,
  Upstream,
} from './subscription-transport.ts';

type Protocol = 'websocket' | 'sse';

/**
 * Finds out what a subgraph speaks. A WebSocket is tried first, because asking for one runs nothing where it is not
 * known; an SSE request to a server that does not know SSE runs the subscription as a query. What worked is tried
 * first from then on, until it no longer works.
 */
export function createNegotiatingTransport(
  transports: Readonly<Record<Protocol, SubscriptionTransport>>,
): SubscriptionTransport {
  let known: Protocol | null = null;
  return {
    endpoint: transports.sse.endpoint,
    start: (request, sink) =>
      new Negotiation(transports, known ?? 'websocket', request, sink, (worked) => {
        known = worked;
      }),
  };
}

/** How an attempt ended that brought no stream. */
interface Refusal {
  readonly failure: SubgraphFailure | null;
  readonly result: SubgraphResult | null;
  readonly bytes: number;
}

class Negotiation implements Upstream {
  readonly #transports: Readonly<Record<Protocol, SubscriptionTransport>>;
  readonly #request: SubscriptionRequest;
  readonly #sink: ResultSink;
  readonly #learn: (worked: Protocol | null) => void;
  #current: Upstream;

  constructor(
    transports: Readonly<Record<Protocol, SubscriptionTransport>>,
    first: Protocol,
    request: SubscriptionRequest,
    sink: ResultSink,
    learn: (worked: Protocol | null) => void,
  ) {
    this.#transports = transports;
    this.#request = request;
    this.#sink = sink;
    this.#learn = learn;
    this.#current = this.#try(first, (refusal) => {
      learn(null);
      if (this.#isFinal(refusal)) this.#tell(refusal);
      else this.#trySecond(first, refusal);
    });
  }

  get isUnderstood(): boolean {
    return this.#current.isUnderstood;
  }

  close(): Promise<void> {
    return this.#current.close();
  }

  #trySecond(first: Protocol, refusal: Refusal): void {
    const second = first === 'websocket' ? 'sse' : 'websocket';
    this.#current = this.#try(second, (another) => {
      // An HTTP answer says more than that there was no WebSocket, unless there was one.
      const isTelling = second === 'sse' || this.#current.isUnderstood;
      this.#tell(isTelling ? another : refusal);
    });
  }

  #try(protocol: Protocol, onRefusal: (refusal: Refusal) => void): Upstream {
    let isOpen = false;
    let result: SubgraphResult | null = null;
    let bytes = 0;
    return this.#transports[protocol].start(this.#request, {
      open: (status) => {
        isOpen = true;
        this.#learn(protocol);
        this.#sink.open(status);
      },
      next: (next, size) => {
        if (isOpen) this.#sink.next(next, size);
        else [result, bytes] = [next, size];
      },
      end: (failure) => {
        if (isOpen) this.#sink.end(failure);
        else onRefusal({ failure, result, bytes });
      },
    });
  }

  /** Whether the other protocol would find no better: nobody is there, or this one was understood. */
  #isFinal({ failure }: Refusal): boolean {
    return this.#current.isUnderstood || failure?.reason === 'unreachable';
  }

  #tell({ failure, result, bytes }: Refusal): void {
    if (result !== null) this.#sink.next(result, bytes);
    this.#sink.end(failure);
  }
}
