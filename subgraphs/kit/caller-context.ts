import type { FastifyBaseLogger } from 'fastify';
import type { Caller } from '#contract/caller.ts';
import { CodedError } from '#contract/errors.ts';
import { allows, type Target } from '#contract/permissions/allows.ts';
import type { Action } from '#contract/permissions/grant.ts';

/** What every resolver of a subgraph is given. It belongs to one request. */
export interface SubgraphContext {
  readonly caller: Caller;
  readonly log: FastifyBaseLogger;
  /** In a subscription: aborted when the gateway has left it, for what waits for events. */
  readonly signal?: AbortSignal;
}

/** A caller who is somebody. */
export type KnownCaller = Caller & { readonly subject: string };

/**
 * The caller, who has to be somebody.
 * @throws CodedError UNAUTHENTICATED for an anonymous caller
 */
export function requireCaller(context: SubgraphContext): KnownCaller {
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

function isKnown(caller: Caller): caller is KnownCaller {
  return caller.kind !== 'anonymous' && caller.subject !== null;
}
