import type { Access } from '../access.ts';
import type { Departure } from '../departure.ts';
import type { RequestContext } from '../hooks.ts';
import type { SubgraphClient } from '../subgraph-client/subgraph-client.ts';
import type { AnswerErrors } from './answer-errors.ts';
import type { JsonObject } from './json.ts';

/** One run of a prepared operation. */
export interface Execution {
  /** The answer so far; entities are merged into it in place. */
  readonly data: JsonObject;
  readonly errors: AnswerErrors;
  /** Objects of the answer that stand in more than one place. */
  readonly shared: Set<unknown>;
  /** The client's variables as sent; subgraphs coerce them again and fill in the defaults. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** The same after coercion, by which conditions are decided. */
  readonly coercedVariables: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
  readonly client: SubgraphClient;
  /** When given, calls are given up when it comes. */
  readonly departure?: Departure | undefined;
  /** What the caller may not touch of it, and what introspection shows; null for everything. */
  readonly access: Access | null;
  /** Told when a fetch that a deferred part waits for is over, by its id. */
  readonly onFetched?: (id: string) => void;
}

/** A compiled part of a plan. */
export type Step = (execution: Execution) => Promise<void>;
