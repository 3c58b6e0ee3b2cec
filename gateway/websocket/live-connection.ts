import type { CodedError } from '#contract/errors.ts';

/** A client's WebSocket connection, for whoever may have to end it. */
export interface LiveConnection {
  /** Aborted when it has ended, whichever way. */
  readonly ended: AbortSignal;
  /** Ends its operations and closes it, with the reason that the client is told. */
  end(reason: CodedError): void;
}
