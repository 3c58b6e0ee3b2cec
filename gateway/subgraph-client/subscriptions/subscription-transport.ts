import type { SubgraphFailure } from '../failure.ts';
import type { SubgraphResult } from '../read-result.ts';

/** One subscription on its way to a subgraph. `body` is JSON text. */
export interface SubscriptionRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Who hears of a stream: `open` at most once, then `next` for each event, then `end` exactly once. A stream may end
 * without having opened; a result that comes before `open` is what the subgraph refused with. Nothing is told any
 * more after `end`, nor after the stream was closed.
 */
export interface ResultSink {
  /** @param status the HTTP status that the stream came with */
  open(status: number): void;
  /** @param bytes what the event took on its way, as a measure of the memory it takes */
  next(result: SubgraphResult, bytes: number): void;
  /** @param failure null when the subgraph completed */
  end(failure: SubgraphFailure | null): void;
}

/** A stream from a subgraph, for whoever started it. */
export interface Upstream {
  /** Whether the subgraph has shown that it speaks this protocol here, even if it then refused. */
  readonly isUnderstood: boolean;
  /** Leaves it, and settles when the connection is gone. */
  close(): Promise<void>;
}

/** How subscriptions reach a subgraph. */
export interface SubscriptionTransport {
  /** Two transports with the same endpoint reach the same place. */
  readonly endpoint: string;
  /** The sink hears nothing before this has returned. */
  start(request: SubscriptionRequest, sink: ResultSink): Upstream;
}
