import { setTimeout as sleep } from 'node:timers/promises';
import type { SupergraphSource } from './supergraph-source.ts';

export interface FollowOptions {
  readonly pollSeconds: number;
  /** Something new was read. The source is not read again before this is done. */
  readonly onChange: (sdl: string) => Promise<unknown>;
  /** It could not be read; told once for a row of failures that are the same. */
  readonly onFailure: (error: Error) => void;
  /** Resolves after `ms`, or rejects when the signal says so. A test hands in one of its own. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/**
 * Reads a source whenever it hints at something new, and every `pollSeconds` besides: there are file systems
 * that tell of nothing. What changes several times while it is being read and loaded is read once more.
 * @returns what ends it; it waits for the reading that is under way
 */
export function followSource(
  source: SupergraphSource,
  { pollSeconds, onChange, onFailure, wait = waitQuietly }: FollowOptions,
): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  let hint = Promise.withResolvers<void>();
  let lastFailure: string | null = null;
  const unwatch = source.onHint?.(() => hint.resolve());

  const look = async (): Promise<void> => {
    try {
      const sdl = await source.read(signal);
      lastFailure = null;
      if (sdl !== null && !signal.aborted) await onChange(sdl);
    } catch (error) {
      if (signal.aborted || !(error instanceof Error) || error.message === lastFailure) return;
      lastFailure = error.message;
      onFailure(error);
    }
  };
  const pause = async (): Promise<void> => {
    const hinted = new AbortController();
    const pollTime = wait(pollSeconds * 1_000, AbortSignal.any([signal, hinted.signal])).catch(
      () => undefined,
    );
    await Promise.race([hint.promise, pollTime]);
    hinted.abort();
    hint = Promise.withResolvers();
  };
  const follow = async (): Promise<void> => {
    while (!signal.aborted) {
      await look();
      if (!signal.aborted) await pause();
    }
  };
  const done = follow();
  return async () => {
    unwatch?.();
    stopping.abort();
    await done;
  };
}

const waitQuietly = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { ref: false, signal });
