/** What to do to answer an operation, in our own words whoever planned it. */
export type PlanNode = Fetch | Sequence | Parallel | Condition;

/** One call to a subgraph: of root fields, or of entities for one or several batches. */
export interface Fetch {
  readonly kind: 'fetch';
  readonly subgraph: string;
  readonly operation: 'query' | 'mutation' | 'subscription';
  readonly document: string;
  /** Names of the client's variables that the document uses. */
  readonly variables: readonly string[];
  /** Empty for a call of root fields. */
  readonly batches: readonly EntityBatch[];
  readonly outputRewrites: readonly Rewrite[];
}

/** Entities that one `_entities` field of a call asks for. */
export interface EntityBatch {
  /** Response key of that `_entities` field. */
  readonly key: string;
  /** The variable that carries the representations. */
  readonly variable: string;
  /** Where in the answer the entities stand; the result is merged into all of them. */
  readonly paths: readonly (readonly PathSegment[])[];
  /** What a representation holds. */
  readonly requires: readonly RequiredSelection[];
  readonly inputRewrites: readonly Rewrite[];
  readonly outputRewrites: readonly Rewrite[];
}

export type PathSegment =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'items' }
  | { readonly kind: 'types'; readonly types: readonly string[] };

export type RequiredSelection =
  | {
      readonly kind: 'field';
      /** The key under which the answer holds it. */
      readonly key: string;
      /** The key under which the representation carries it. */
      readonly as: string;
      readonly selections: readonly RequiredSelection[] | null;
    }
  | {
      readonly kind: 'fragment';
      readonly type: string;
      /** Boolean variables that must be true, or false, for it to take part; null when it always does. */
      readonly includeIf: string | null;
      readonly skipIf: string | null;
      readonly selections: readonly RequiredSelection[];
    };

/** A change to data on its way to a subgraph or back from it. */
export type Rewrite =
  | { readonly kind: 'set'; readonly path: readonly RewriteSegment[]; readonly value: string }
  | { readonly kind: 'rename'; readonly path: readonly RewriteSegment[]; readonly to: string };

export type RewriteSegment =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'types'; readonly types: readonly string[] };

export interface Sequence {
  readonly kind: 'sequence';
  readonly nodes: readonly PlanNode[];
}

export interface Parallel {
  readonly kind: 'parallel';
  readonly nodes: readonly PlanNode[];
}

/** Runs one branch or the other by the value of a Boolean variable. */
export interface Condition {
  readonly kind: 'condition';
  readonly variable: string;
  readonly whenTrue: PlanNode | null;
  readonly whenFalse: PlanNode | null;
}
