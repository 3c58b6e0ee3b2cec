import type { Departure } from '../departure.ts';
import type { RequestContext } from '../hooks.ts';

/** One GraphQL request on its way to a subgraph. `body` is JSON text. */
export interface SubgraphRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether sending it twice does no more than sending it once. */
  readonly repeatable: boolean;
  /** Milliseconds that are left for it, when that is less than the transport would wait. */
  readonly timeLeftMs?: number;
  /** When it comes nobody needs the answer any more. */
  readonly departure?: Departure | undefined;
  /** The request that it is made for: nothing of it leaves this process but what the headers say. */
  readonly context?: RequestContext;
}

export interface SubgraphResponse {
  readonly status: number;
  readonly body: string;
  /** Whether the subgraph said when to come back (RFC 9110 §10.2.3). */
  readonly hasRetryAfter: boolean;
  /** The header `castellan-sequence`: with which event a change of it can be heard of. */
  readonly sequence?: string | undefined;
}

/** How a subgraph is reached: over HTTP, or inside this process. */
export interface SubgraphTransport {
  /** @throws SubgraphFailure */
  send(request: SubgraphRequest): Promise<SubgraphResponse>;
  close(): Promise<void>;
}
