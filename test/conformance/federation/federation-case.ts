import type { PlannerName } from './planners.ts';

/** A request of a client. */
export interface GraphRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** One question to one graph, and what the specifications say is its answer. */
export interface FederationCase extends GraphRequest {
  /** The sentence of the guarantee. */
  readonly promise: string;
  /** The whole data, its keys in the order in which they are answered; left out when the request is refused. */
  readonly data?: unknown;
  /** All errors, in any order; of each only what is named here is compared. None when left out. */
  readonly errors?: readonly ExpectedError[];
  /** Names of the subgraphs that are called, in alphabetical order, one for each call. Not compared when left out. */
  readonly calls?: readonly string[];
  /** Why the oracle's answer is wrong by the specification. It has to differ, or the case fails. */
  readonly oracle?: string;
  /** Why the gateway fails the case today with this planner. It has to fail, or the case turns red. */
  readonly knownFailure?: Readonly<Partial<Record<PlannerName, string>>>;
}

export interface ExpectedError {
  readonly path?: readonly (string | number)[];
  readonly message?: string;
  readonly code?: string;
}

/** A subgraph as data: its schema, and resolvers over a few objects in memory. */
export interface Subgraph {
  readonly typeDefs: string;
  readonly resolvers?: Readonly<Record<string, unknown>>;
  /** What stands above the schema instead of the usual `@link`; empty for a schema of Federation 1. */
  readonly header?: string;
  /** Answers instead of the resolvers, as text, for what no GraphQL server of this language would answer. */
  readonly respond?: (body: SubgraphRequest) => string;
}

export interface SubgraphRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** Subgraphs that compose, and the cases that are asked of them. */
export interface Graph {
  readonly name: string;
  readonly subgraphs: Readonly<Record<string, Subgraph>>;
  readonly cases: readonly FederationCase[];
  /** Puts the data back as it was, before each request. */
  readonly reset?: () => void;
  /** Why Hive's planner alone cannot load this graph. It has to refuse, or the graph's cases fail. */
  readonly hive?: string;
  /** Why the oracle cannot load this graph. It has to refuse, or the graph's cases fail. */
  readonly oracle?: string;
}
