import { isIP } from 'node:net';
import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import type { Caller } from '#contract/caller.ts';
import { CLIENT_ADDRESS_HEADER, REQUEST_ID_HEADER } from '#contract/claims.ts';
import { CodedError } from '#contract/errors.ts';
import { allows, type Target } from '#contract/permissions/allows.ts';
import type { Action } from '#contract/permissions/grant.ts';

/** What every resolver of a subgraph is given. It belongs to one request. */
export interface SubgraphContext {
  readonly caller: Caller;
  readonly log: FastifyBaseLogger;
  readonly origin: RequestOrigin;
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

/**
 * The caller, who has to have a right.
 *
 * @throws CodedError UNAUTHENTICATED for an anonymous caller without it, FORBIDDEN for a known one, with the
 * coordinate and the missing action in `extensions.authorization`
 * @example
 * posts: (_, args, context) => {
 *   requireRight(context, 'READ', { subgraph: 'content', type: 'Post' });
 *   return listPosts(args);
 * }
 */
export function requireRight(context: SubgraphContext, action: Action, target: Target): Caller {
  const { caller } = context;
  if (allows(caller.permissions, action, target)) return caller;
  if (!isKnown(caller)) throw new CodedError('UNAUTHENTICATED');
  const coordinate = target.field === undefined ? target.type : `${target.type}.${target.field}`;
  throw new CodedError('FORBIDDEN', undefined, {
    extensions: { authorization: { coordinate, missing: action } },
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
