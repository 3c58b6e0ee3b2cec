import type { OperationCache } from '../operation/operation-cache.ts';
import type { SubgraphClient } from '../subgraph-client/subgraph-client.ts';
import type { Supergraph } from './supergraph.ts';

/**
 * What belongs to one supergraph and is replaced with it, as one value. A request takes the current generation
 * once, enters it, and stays with it to its end.
 */
export class Generation {
  readonly supergraph: Supergraph;
  readonly operations: OperationCache;
  readonly client: SubgraphClient;
  readonly #empty = Promise.withResolvers<void>();
  #requests = 0;
  #isRetired = false;

  constructor(supergraph: Supergraph, operations: OperationCache, client: SubgraphClient) {
    this.supergraph = supergraph;
    this.operations = operations;
    this.client = client;
    Object.freeze(this);
  }

  enter(): void {
    this.#requests += 1;
  }

  leave(): void {
    this.#requests -= 1;
    if (this.#isRetired && this.#requests === 0) this.#empty.resolve();
  }

  /** Closes its planner and its connections as soon as no request is in it any more; none may enter from now on. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    if (this.#requests === 0) this.#empty.resolve();
    await this.#empty.promise;
    await this.close();
  }

  async close(): Promise<void> {
    await Promise.all([this.client.close(), this.supergraph.close()]);
  }
}
