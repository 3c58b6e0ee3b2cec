import { CodedError, type ErrorCode, errors } from '#contract/errors.ts';

/** How a worker ended. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** How long it had listened. */
  readonly servedMs: number;
  /** What it found wrong, when it could say so. `code` is that of a coded error. */
  readonly failure: { readonly code: string | null; readonly message: string } | null;
}

/** It ended before it came as far as somebody waits for. */
export class WorkerEnded extends Error {
  override readonly name = 'WorkerEnded';
  readonly end: WorkerEnd;

  constructor(end: WorkerEnd) {
    super(inWords(end));
    this.end = end;
  }
}

export function inWords({ code, signal, failure }: WorkerEnd): string {
  if (failure !== null) return failure.message;
  return signal === null ? `exit code ${code}` : signal;
}

/** What the process says when a worker that ended like this keeps it from starting. */
export function errorOf(end: WorkerEnd): Error {
  const { failure } = end;
  if (failure === null) {
    return new CodedError('WORKERS_FAILED', `A worker died while it started: ${inWords(end)}`);
  }
  return isErrorCode(failure.code)
    ? new CodedError(failure.code, failure.message)
    : new Error(failure.message);
}

function isErrorCode(code: string | null): code is ErrorCode {
  return code !== null && Object.hasOwn(errors, code);
}
