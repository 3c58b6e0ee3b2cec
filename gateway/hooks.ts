import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import type { Caller } from '#contract/caller.ts';
import type { Access } from './access.ts';
import type { Departure } from './departure.ts';
import type { LiveAnswer } from './live-answer.ts';
import type { AccessPoints } from './operation/access-points.ts';
import type { LiveSubscription } from './subscriptions/live-subscriptions.ts';
import type { Supergraph } from './supergraph/supergraph.ts';
import type { LiveConnection } from './websocket/live-connection.ts';

/** What belongs to one request and to nothing else; hooks share it. */
export interface RequestContext {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly caller: Caller;
  /** Whether the client is still there; left out where that is not known. */
  readonly departure?: Departure;
  /** Errors that hooks add to the answer (Mercurius' name). */
  errors: GraphQLError[] | null;
  /** The gateway asks for it itself, on behalf of a request that is not GraphQL. */
  readonly isInternal?: true;
  /** What is written down of the operation while it runs, when a hook wants to know how it ends. */
  ending?: OperationEnding;
}

/** How an operation ended. */
export interface OperationEnding {
  /** Null when it was refused before that was known. */
  kind: SubgraphFetch['kind'] | null;
  /** The code of its first error; null when it had none. A subgraph's own codes are among them. */
  code: string | null;
  /** From the moment its text was there until its answer was. */
  durationMs: number;
}

/** A call that is about to be made to a subgraph. A hook may change the headers, and whether it may be repeated. */
export interface SubgraphFetch {
  readonly subgraph: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly query: string;
  readonly headers: Record<string, string>;
  /** Whether it may be sent again, or be answered by an identical call; false for a query with side effects. */
  repeatable: boolean;
  /** Whether a plugin of this gateway answers it: the caller is handed over as they are, and headers are not read. */
  readonly isInside?: boolean;
}

/** How a call to a subgraph ended. */
export interface FetchOutcome {
  readonly status: number | null;
  readonly durationMs: number;
  readonly error: Error | null;
  /** Whether it waited for an identical call that was under way, so that nothing was sent for it. */
  readonly shared: boolean;
}

/** What a subgraph says of a change that it has made. */
export interface MutationOutcome {
  /** Its header `castellan-sequence`: with which event the change can be heard of; null without one. */
  readonly sequence: string | null;
}

/** The parameters of an operation as they came; what is not `query` may name it. */
export interface OperationParameters {
  query: string;
  readonly extensions: Readonly<Record<string, unknown>> | null;
  readonly documentId: unknown;
}

type MaybePromise<T> = T | Promise<T>;

/** An operation that somebody asks for, before it is planned. */
export interface AskedOperation {
  readonly supergraph: Supergraph;
  /** As the client wrote it. */
  readonly document: DocumentNode;
  readonly points: AccessPoints;
  /** After coercion. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What `preExecution` may change: a new document, new variables, errors to add. */
export interface ExecutionChange {
  document?: DocumentNode;
  variables?: Record<string, unknown>;
  errors?: GraphQLError[];
}

/**
 * The hooks of a request, in the order in which they run. The first four have Mercurius' names and
 * arguments; `preFetch` and `onFetch` run for each call to a subgraph. An error thrown in any of them but
 * `onFetch`, `onResolution` and `onOperation` refuses what it stood before: the request, or that one fetch.
 *
 * `onSupergraph` runs when the gateway is ready and again before each other supergraph is served. An error in
 * it stops the boot, or refuses that supergraph.
 *
 * Trap: requests that began with the old supergraph go on with it, and a later hook may still refuse the new
 * one. What is made of a supergraph is kept by its `schema`, which the other hooks get, in a WeakMap.
 *
 * Trap: `preValidation` runs once for each new document, not once for each request. Never authorize there.
 */
export interface Hooks {
  preParsing(schema: GraphQLSchema, source: string, context: RequestContext): MaybePromise<void>;
  preValidation(
    schema: GraphQLSchema,
    document: DocumentNode,
    context: RequestContext,
  ): MaybePromise<void>;
  preExecution(
    schema: GraphQLSchema,
    document: DocumentNode,
    context: RequestContext,
    variables: Record<string, unknown>,
  ): MaybePromise<ExecutionChange | undefined>;
  /**
   * Says what of an operation the caller may not touch, before it is planned: null for everything. An error
   * refuses the operation. It runs for every request; there is one at most, so that nobody's no can be lost.
   */
  onAccess(asked: AskedOperation, context: RequestContext): MaybePromise<Access | null>;
  /**
   * Says what a client is told of a document, or of variables, that do not fit the schema; it may throw something
   * else. There is one at most.
   */
  onMistakes(
    mistakes: readonly GraphQLError[],
    document: DocumentNode,
    supergraph: Supergraph,
    context: RequestContext,
  ): readonly GraphQLError[];
  onResolution(execution: ExecutionResult, context: RequestContext): MaybePromise<void>;
  /** Runs once for each operation, refused ones too; unlike `onResolution` it costs no reading of the answer. */
  onOperation(ending: Readonly<OperationEnding>, context: RequestContext): void;
  preFetch(fetch: SubgraphFetch, context: RequestContext): MaybePromise<void>;
  onFetch(fetch: SubgraphFetch, outcome: FetchOutcome, context: RequestContext): void;
  /** Runs after a call that may have changed something. Its answer waits for the hook; an error in it fails the call. */
  onMutation(
    fetch: SubgraphFetch,
    outcome: MutationOutcome,
    context: RequestContext,
  ): MaybePromise<void>;
  onSupergraph(supergraph: Supergraph): MaybePromise<void>;
  /**
   * Runs when a WebSocket connection begins, with the payload of the client's first message. Whoever knows the
   * caller answers with it, for all that follows on this connection; an error refuses the connection with close
   * code 4000 + its status. The connection can be ended from then on.
   */
  onConnectionInit(
    connection: LiveConnection,
    payload: Readonly<Record<string, unknown>>,
    request: FastifyRequest,
  ): MaybePromise<Caller | undefined>;
  /**
   * Runs for an operation that came over a WebSocket, before its text is looked at, and may put another text in
   * its place. (Over HTTP the body is there for Fastify's preHandler.)
   */
  onParameters(parameters: OperationParameters, context: RequestContext): MaybePromise<void>;
  /** Runs when a subscription begins. It can be ended from then on, with the reason that its client is told. */
  onSubscription(subscription: LiveSubscription, context: RequestContext): void;
  /** The same for an answer in parts (`@defer`). */
  onDeferred(answer: LiveAnswer, context: RequestContext): void;
}

export type HookName = keyof Hooks;

/** The hooks that were added, by name; null where there are none, so that a hot path tests one value. */
export type HookLists = {
  readonly [Name in Exclude<HookName, SingleHook>]: readonly Hooks[Name][] | null;
} & { readonly [Name in SingleHook]: Hooks[Name] | null };

/** Those that there is one of at most. */
type SingleHook = 'onAccess' | 'onMistakes';

export interface HookRegistry {
  readonly lists: HookLists;
  /** @throws TypeError for a name that is no hook, or something that is not a function */
  add<Name extends HookName>(name: Name, hook: Hooks[Name]): void;
}

const hookNames: readonly HookName[] = [
  'preParsing',
  'preValidation',
  'preExecution',
  'onAccess',
  'onMistakes',
  'onResolution',
  'onOperation',
  'preFetch',
  'onFetch',
  'onMutation',
  'onSupergraph',
  'onConnectionInit',
  'onParameters',
  'onSubscription',
  'onDeferred',
];

export function createHookRegistry(): HookRegistry {
  const lists: {
    [Name in Exclude<HookName, SingleHook>]: Hooks[Name][] | null;
  } & { [Name in SingleHook]: Hooks[Name] | null } = {
    preParsing: null,
    preValidation: null,
    preExecution: null,
    onAccess: null,
    onMistakes: null,
    onResolution: null,
    onOperation: null,
    preFetch: null,
    onFetch: null,
    onMutation: null,
    onSupergraph: null,
    onConnectionInit: null,
    onParameters: null,
    onSubscription: null,
    onDeferred: null,
  };
  return {
    lists,
    add(name, hook) {
      if (!hookNames.includes(name)) {
        throw new TypeError(`${String(name)} is not a hook; there are: ${hookNames.join(', ')}`);
      }
      if (typeof hook !== 'function') throw new TypeError(`the ${name} hook must be a function`);
      if (name === 'onAccess' || name === 'onMistakes') {
        if (lists[name] !== null) throw new TypeError(`there is an ${name} hook already`);
        Object.assign(lists, { [name]: hook });
        return;
      }
      const known: unknown = lists[name];
      const list: unknown[] = Array.isArray(known) ? known : [];
      list.push(hook);
      Object.assign(lists, { [name]: list });
    },
  };
}
