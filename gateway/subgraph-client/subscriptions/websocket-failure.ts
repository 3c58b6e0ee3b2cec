import { CloseCode } from 'graphql-ws';
import { SubgraphFailure } from '../failure.ts';
import { eventTooLarge } from './event-stream-reader.ts';

/** How far a connection had come when it failed. */
export interface ConnectionProgress {
  /** The subgraph's name. */
  readonly name: string;
  readonly options: { readonly connectTimeoutMs: number; readonly maxEventBytes: number };
  /** The HTTP status of an answer that was no upgrade. */
  readonly refusedWith: number | null;
  /** Whether it has been upgraded to the subprotocol. */
  readonly isUnderstood: boolean;
  readonly isOpen: boolean;
}

/** Why a stream over a WebSocket failed, by what the socket or a message that cannot be read brought. */
export function failureOfCause(cause: unknown, progress: ConnectionProgress): SubgraphFailure {
  const { name, options, isUnderstood } = progress;
  if (isTooLarge(cause)) return eventTooLarge(name, options);
  if (!isUnderstood) return noUpgrade(cause, progress);
  // The client could not read a message; a socket's own errors tell their code.
  if (cause instanceof Error && !('code' in cause)) {
    const message = `The subgraph "${name}" sent a message that is not of graphql-transport-ws`;
    return new SubgraphFailure('not-graphql', message, { cause });
  }
  return brokenOff(progress, cause);
}

/** Why it failed, by the code that the subgraph closed the connection with. */
export function failureOfClose(code: number, progress: ConnectionProgress): SubgraphFailure {
  const { name, options, isOpen } = progress;
  if (code === MESSAGE_TOO_BIG) return eventTooLarge(name, options);
  if (isOpen) return brokenOff(progress, null, code);
  const message = `The subgraph "${name}" closed the WebSocket (code ${code})`;
  return new SubgraphFailure(isRefusal(code) ? 'refused' : 'unanswered', message);
}

/** That the subgraph did not do something in time. */
export function lateFailure(
  name: string,
  what: string,
  milliseconds: number,
  cause?: unknown,
): SubgraphFailure {
  const message = `The subgraph "${name}" did not ${what} within ${milliseconds} ms`;
  return new SubgraphFailure('timeout', message, { cause });
}

export const NORMAL_CLOSURE = 1_000;
const MESSAGE_TOO_BIG = 1_009;
const LAST_OF_CLIENT_ERRORS = 4_499;

function noUpgrade(cause: unknown, progress: ConnectionProgress): SubgraphFailure {
  const { name, options, refusedWith: status } = progress;
  if (status !== null) {
    const message = `The subgraph "${name}" opened no WebSocket (HTTP status ${status})`;
    return new SubgraphFailure('refused', message, { status, cause });
  }
  if (cause instanceof Error && cause.message === 'Opening handshake has timed out') {
    return lateFailure(name, 'open a WebSocket', options.connectTimeoutMs, cause);
  }
  if (cause instanceof Error && 'code' in cause) {
    if (isHangUp(String(cause.code))) return brokenOff(progress, cause);
    const message = `The subgraph "${name}" cannot be reached`;
    return new SubgraphFailure('unreachable', message, { cause });
  }
  const message = `The subgraph "${name}" opened no WebSocket of graphql-transport-ws`;
  return new SubgraphFailure('refused', message, { cause });
}

function brokenOff(
  { name, isOpen }: ConnectionProgress,
  cause: unknown,
  code?: number,
): SubgraphFailure {
  const how = code === undefined ? '' : ` (code ${code})`;
  if (!isOpen) {
    const message = `The subgraph "${name}" hung up before the stream was open${how}`;
    return new SubgraphFailure('unanswered', message, { cause });
  }
  const message = `The subgraph "${name}" broke off its stream${how}`;
  return new SubgraphFailure('broken-off', message, { cause });
}

function isTooLarge(cause: unknown): boolean {
  return (
    cause instanceof Error && 'code' in cause && cause.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
  );
}

/** Whether it took the connection and then ended it, rather than not being there. */
function isHangUp(code: string): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE' || code.startsWith('HPE_');
}

/** Close codes by which a server says that it will not take what it was sent, rather than that it is in trouble. */
function isRefusal(code: number): boolean {
  return (
    code === NORMAL_CLOSURE ||
    (code >= CloseCode.BadRequest && code <= LAST_OF_CLIENT_ERRORS) ||
    code === CloseCode.BadResponse
  );
}
