import { createHash } from 'node:crypto';
import { watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '#contract/errors.ts';
import type { SupergraphSource } from './supergraph-source.ts';

/** What writes a file makes several events; this long after the last one it is read. */
const SETTLE_MS = 50;
/** But never later than this after the first one. */
const MAX_SETTLE_MS = 1_000;

/**
 * A supergraph in a file. It is the folder that is watched, because whoever writes atomically puts another
 * file in the place of the old one.
 */
export function createFileSource(file: string): SupergraphSource {
  let stamp: string | null = null;
  let digest: string | null = null;
  return {
    place: file,
    async read() {
      try {
        const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
        const found = `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
        if (found === stamp) return null;
        const sdl = await readFile(file, 'utf8');
        stamp = found;
        const before = digest;
        digest = createHash('sha256').update(sdl).digest('base64');
        return digest === before ? null : sdl;
      } catch (error) {
        stamp = null;
        throw unreadable(file, error);
      }
    },
    onHint: (listener) => watchFolder(path.dirname(file), listener),
  };
}

function watchFolder(folder: string, listener: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let first = 0;
  const tell = (): void => {
    timer = undefined;
    listener();
  };
  const onEvent = (): void => {
    const now = performance.now();
    if (timer === undefined) first = now;
    clearTimeout(timer);
    timer = setTimeout(tell, Math.min(SETTLE_MS, Math.max(0, first + MAX_SETTLE_MS - now)));
    timer.unref();
  };
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    // Where a folder cannot be watched (any more), looking at the file now and then still works.
    watcher.on('error', () => watcher.close());
    return () => {
      clearTimeout(timer);
      watcher.close();
    };
  } catch {
    return () => {};
  }
}

function unreadable(file: string, error: unknown): CodedError {
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  return new CodedError(
    'SUPERGRAPH_INVALID',
    missing
      ? `${file} does not exist; "npm run compose" writes it`
      : `${file} cannot be read: ${(error as Error).message}`,
    { cause: error },
  );
}
