import { isIP } from 'node:net';
import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import type { Caller } from '#contract/caller.ts';
import { CLIENT_ADDRESS_HEADER, REQUEST_ID_HEADER } from '#contract/claims.ts';
import { CodedError } from '#contract/errors.ts';
import {
  type Allowed,
  type Conditional,
  coordinateOf,
  decide,
  type Target,
} from '#contract/permissions/decide.ts';
import type { Action } from '#contract/permissions/grant.ts';

/** What every resolver of a subgraph is given. It belongs to one request. */
export interface SubgraphContext {
  readonly caller: Caller;
  readonly log: FastifyBaseLogger;
  readonly origin: RequestOrigin;
  /** The name of this subgraph: the audience of the caller's claims. */
  readonly subgraph: string;
  /** The mutation that is being answered; undefined below it. */
  readonly entry?: Required<Pick<Target, 'type' | 'field'>>;
  /** In a subscription: aborted when the gateway has left it, for what waits for events. */
  readonly signal?: AbortSignal;
}

/** Where a request came from, as the gateway says it; null where it says nothing. */
export interface RequestOrigin {
  readonly requestId: string | null;
  readonly address: string | null;
}

/** A caller who is somebody. */
export type KnownCaller = Caller & { readonly subject: string };

/**
 * The caller, who has to be somebody.
 * @throws CodedError UNAUTHENTICATED for an anonymous caller
 */
export function requireCaller(context: Pick<SubgraphContext, 'caller'>): KnownCaller {
  const { caller } = context;
  if (!isKnown(caller)) throw new CodedError('UNAUTHENTICATED');
  return caller;
}

/** What a request says of the content that it asks for; see `AccessRequest`. */
export interface Asked {
  readonly stage?: string | undefined;
  readonly locale?: string | undefined;
}

/**
 * The caller, who has to have a right on everything that is asked for. Somebody who has it for some records,
 * stages or locales alone is refused, since nothing here would leave the others out: see `readRight`.
 * A target without a subgraph is one of this subgraph. A grant on the mutation that is asked is one on its
 * target.
 *
 * @throws CodedError UNAUTHENTICATED for an anonymous caller without it, FORBIDDEN for a known one, with the
 * coordinate and the missing action in `extensions.authorization`
 * @example
 * posts: (_, args, context) => {
 *   requireRight(context, 'READ', { type: 'Post' });
 *   return listPosts(args);
 * }
 */
export function requireRight(
  context: SubgraphContext,
  action: Action,
  target: Target,
  asked?: Asked,
): Caller {
  if (readRight(context, action, target, asked).outcome !== 'allow') {
    throw refusal(context, action, target);
  }
  return context.caller;
}

/**
 * The right that a caller has, for resolvers that leave out what it does not reach: rows whose stage, locale or
 * fields meet none of the decision's `alternatives`. `allowsRecord` says so of one record.
 *
 * @throws CodedError UNAUTHENTICATED or FORBIDDEN, as `requireRight` does, when there is none
 * @example
 * const right = readRight(context, 'READ', { type: 'Post' }, { stage: args.stage });
 * return posts.filter((post) => allowsRecord(right, { record: post, locale: post.locale }));
 */
export function readRight(
  context: SubgraphContext,
  action: Action,
  target: Target,
  asked: Asked = {},
): Allowed | Conditional {
  const { permissions, environment } = context.caller;
  const { stage, locale } = asked;
  const here = { subgraph: context.subgraph, ...target };
  const decision = decide(permissions, { action, target: here, environment, stage, locale });
  if (decision.outcome === 'allow') return decision;
  const entered = decideEntry(context, action);
  if (entered !== null) return entered;
  if (decision.outcome === 'deny') throw refusal(context, action, target);
  return decision;
}

/**
 * The grant on the mutation that is being answered, where there is one: it is one on whatever the mutation does. To be
 * let ask a query says nothing of what there is to read.
 */
export function decideEntry(
  { caller, subgraph, entry }: Pick<SubgraphContext, 'caller' | 'subgraph' | 'entry'>,
  action: Action,
): Allowed | null {
  if (entry === undefined || action === 'READ') return null;
  const { permissions, environment } = caller;
  const decision = decide(permissions, { action, target: { subgraph, ...entry }, environment });
  return decision.outcome === 'allow' ? decision : null;
}

/** The error for somebody who lacks a right: UNAUTHENTICATED for an anonymous caller, FORBIDDEN for a known one. */
export function refusal(
  { caller }: Pick<SubgraphContext, 'caller'>,
  action: Action,
  target: Target,
): CodedError {
  if (!isKnown(caller)) return new CodedError('UNAUTHENTICATED');
  return new CodedError('FORBIDDEN', undefined, {
    extensions: { authorization: { coordinate: coordinateOf(target), missing: action } },
  });
}

/** What a gateway says beside its claims; only for a request whose claims were verified. */
export function originOf({ headers }: FastifyRequest): RequestOrigin {
  const requestId = headers[REQUEST_ID_HEADER];
  const address = headers[CLIENT_ADDRESS_HEADER];
  return {
    requestId: typeof requestId === 'string' ? requestId.slice(0, MAX_REQUEST_ID_LENGTH) : null,
    address: typeof address === 'string' && isIP(address) !== 0 ? address : null,
  };
}

const MAX_REQUEST_ID_LENGTH = 128;

function isKnown(caller: Caller): caller is KnownCaller {
  return caller.kind !== 'anonymous' && caller.subject !== null;
}
