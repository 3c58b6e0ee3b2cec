import { CodedError, type ErrorCode } from '#contract/errors.ts';

/**
 * Why a call to a subgraph brought nothing:
 * - `unreachable`: no connection could be opened, so nothing was sent
 * - `unanswered`: the connection ended before the first byte of an answer
 * - `broken-off`: it ended in the middle of the answer
 * - `timeout`: one of our bounds on time was reached
 * - `abandoned`: nobody waits for it any more
 * - `circuit-open`: it failed too often before, and was not asked
 * - `too-large`, `undecodable`, `not-graphql`: what it answered is of no use
 * - `refused`: it took no subscription, in this way or at all
 * - `overrun`, `too-many`, `closed`: bounds of ours on subscriptions, and our own end
 */
export type FailureReason =
  | 'unreachable'
  | 'unanswered'
  | 'broken-off'
  | 'timeout'
  | 'abandoned'
  | 'circuit-open'
  | 'too-large'
  | 'undecodable'
  | 'not-graphql'
  | 'refused'
  | 'overrun'
  | 'too-many'
  | 'closed';

/** A call to a subgraph that failed. Where a subgraph runs is no business of a client's: no message tells it. */
export class SubgraphFailure extends CodedError {
  readonly reason: FailureReason;
  /** The HTTP status, once one has come. */
  readonly status: number | null;

  constructor(
    reason: FailureReason,
    message: string,
    { status = null, cause }: { readonly status?: number | null; readonly cause?: unknown } = {},
  ) {
    super(codeOf(reason, status), message, { cause });
    this.reason = reason;
    this.status = status;
  }
}

export function abandoned(name: string): SubgraphFailure {
  return new SubgraphFailure('abandoned', `Nobody waits for the subgraph "${name}" any more`);
}

function codeOf(reason: FailureReason, status: number | null): ErrorCode {
  switch (reason) {
    case 'too-large':
    case 'undecodable':
    case 'not-graphql':
    case 'refused':
      // A proxy's page with status 503 says that the subgraph is not there.
      return status === null || status < 500 ? 'SUBGRAPH_INVALID_RESPONSE' : 'SUBGRAPH_UNAVAILABLE';
    case 'abandoned':
      return 'CLIENT_CLOSED_REQUEST';
    case 'overrun':
      return 'SUBSCRIPTION_OVERRUN';
    case 'too-many':
      return 'OVERLOADED';
    case 'closed':
      return 'SHUTTING_DOWN';
    default:
      return 'SUBGRAPH_UNAVAILABLE';
  }
}
