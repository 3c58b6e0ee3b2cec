/** What to do to answer an operation, in our own words whoever planned it. Its conditions were resolved before. */
export type Plan = PlanNode | Defer | Subscription;

/** What is done for one answer: a whole one, a deferred part, or one event of a subscription. */
export type PlanNode = Fetch | Sequence | Parallel;

/** One call to a subgraph: of root fields, or of entities for one or several batches. */
export interface Fetch {
  readonly kind: 'fetch';
  /** Names it for the deferred parts that wait for it; null when none does. */
  readonly id: string | null;
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
  /** Variables of the document whose values stand above each entity in the answer; empty for nearly all. */
  readonly contextArguments: readonly ContextArgument[];
}

/**
 * Where a variable of an entity's fields finds its value (`@fromContext`). Several with one variable are
 * alternatives: types of ancestors, of which one fits. Entities that differ in a value cannot share a call.
 */
export interface ContextArgument {
  readonly variable: string;
  /** How many objects above the entity, by the fields between them. */
  readonly up: number;
  /** The way from that object to the value; it ends with a key. */
  readonly path: readonly RewriteSegment[];
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

/** An answer in parts (`@defer`): first the primary one, then each other one when it is there. */
export interface Defer {
  readonly kind: 'defer';
  readonly primary: {
    /** What of the operation is answered at once, as the text of a selection set; null for nothing. */
    readonly selections: string | null;
    readonly node: PlanNode | null;
  };
  readonly deferred: readonly DeferredPart[];
}

export interface DeferredPart {
  /** The client's name for it. */
  readonly label: string | null;
  /** Ids of the fetches that must have come before `node` runs. */
  readonly after: readonly string[];
  /** Response keys and type conditions from the root to the objects that this part completes; lists are not named. */
  readonly path: readonly RewriteSegment[];
  /** What of those objects it answers; null when only parts within it do. */
  readonly selections: string | null;
  /** Null when the primary part has fetched everything. */
  readonly node: PlanNode | Defer | null;
}

/** A stream of events; `rest` completes each of them. */
export interface Subscription {
  readonly kind: 'subscription';
  readonly primary: Fetch;
  readonly rest: PlanNode | null;
}
