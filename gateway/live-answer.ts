import type { CodedError } from '#contract/errors.ts';

/** An answer in parts that is under way, for whoever may have to end it. */
export interface LiveAnswer {
  /** Aborted when it has ended, whichever way. */
  readonly ended: AbortSignal;
  /** Ends it and tells the client why. When it has ended already, nothing happens. */
  end(reason: CodedError): void;
}

/** `onEnd` is called when somebody ends it; `close` says that it has ended by itself. */
export function createLiveAnswer(
  onEnd: (reason: CodedError) => void,
): LiveAnswer & { close(): void } {
  const ended = new AbortController();
  return {
    ended: ended.signal,
    end(reason) {
      if (ended.signal.aborted) return;
      ended.abort();
      onEnd(reason);
    },
    close: () => ended.abort(),
  };
}
