/** One GraphQL request on its way to a subgraph. `body` is JSON text. */
export interface SubgraphRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SubgraphResponse {
  readonly status: number;
  readonly body: string;
}

/** How a subgraph is reached: over HTTP, or inside this process. */
export interface SubgraphTransport {
  /** @throws CodedError SUBGRAPH_UNAVAILABLE or SUBGRAPH_INVALID_RESPONSE */
  send(request: SubgraphRequest): Promise<SubgraphResponse>;
  close(): Promise<void>;
}
