import { CodedError } from '#contract/errors.ts';

/**
 * Why a call to a subgraph brought nothing:
 * - `unreachable`: no connection could be opened, so nothing was sent
 * - `unanswered`: the connection ended before the first byte of an answer
 * - `broken-off`: it ended in the middle of the answer
 * - `timeout`: one of our bounds on time was reached
 * - `circuit-open`: it failed too often before, and was not asked
 * - `too-large`, `undecodable`, `not-graphql`: what it answered is of no use
 */
export type FailureReason =
  | 'unreachable'
  | 'unanswered'
  | 'broken-off'
  | 'timeout'
  | 'circuit-open'
  | 'too-large'
  | 'undecodable'
  | 'not-graphql';

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

function codeOf(
  reason: FailureReason,
  status: number | null,
): 'SUBGRAPH_UNAVAILABLE' | 'SUBGRAPH_INVALID_RESPONSE' {
  const isOfNoUse = reason === 'too-large' || reason === 'undecodable' || reason === 'not-graphql';
  // A proxy's page with status 503 says that the subgraph is not there.
  const isAnswer = isOfNoUse && (status === null || status < 500);
  return isAnswer ? 'SUBGRAPH_INVALID_RESPONSE' : 'SUBGRAPH_UNAVAILABLE';
}
