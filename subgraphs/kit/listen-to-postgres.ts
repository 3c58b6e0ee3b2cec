import { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { DatabaseWatch, WatchOptions } from './database-watch.ts';

/** How often the connection is tried, and the database looked at without having been told to. */
const CHECK_MS = 1_000;
/** A connection that is silent for so long is given up. */
const ANSWER_LIMIT_MS = 5_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Listens to a channel on a connection of its own, which is made anew whenever it breaks. What was committed
 * meanwhile is looked for at once. Where notifications do not arrive (a pooler in between), the look every second
 * is what remains.
 */
export function listenToPostgres(
  url: string,
  { channel, onChange, onOutage }: WatchOptions,
): DatabaseWatch {
  const closing = new AbortController();
  const { signal } = closing;

  async function keepListening(): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await listen(() => {
          failures = 0;
        });
      } catch (error) {
        if (signal.aborted) return;
        if (failures === 0) onOutage(error);
        failures += 1;
      }
      await pause(pauseAfter(failures), signal);
    }
  }

  /** Settles, with an error, when the connection is over. */
  async function listen(onListening: () => void): Promise<void> {
    // Our own socket, so that one whose other end says nothing can be destroyed.
    const socket = new Socket();
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: ANSWER_LIMIT_MS,
      query_timeout: ANSWER_LIMIT_MS,
      keepAlive: true,
      stream: () => socket,
    });
    const over = Promise.withResolvers<never>();
    over.promise.catch(() => undefined);
    const end = (): void => over.reject(new Error('the connection was closed'));
    client.on('error', over.reject);
    client.on('end', end);
    client.on('notification', onChange);
    signal.addEventListener('abort', end, { once: true });
    let check: NodeJS.Timeout | undefined;
    try {
      await Promise.race([client.connect(), over.promise]);
      await Promise.race([client.query(`listen "${channel}"`), over.promise]);
      onListening();
      onChange();
      check = setInterval(() => {
        client.query('select 1').catch(over.reject);
      }, CHECK_MS).unref();
      await over.promise;
    } finally {
      clearInterval(check);
      signal.removeEventListener('abort', end);
      client.off('notification', onChange);
      client.on('error', () => undefined);
      socket.destroy();
    }
  }

  // Also while nothing can be listened to: the reader may well reach the database.
  const safety = setInterval(onChange, CHECK_MS).unref();
  const listening = keepListening();
  return {
    async close() {
      clearInterval(safety);
      closing.abort();
      await listening;
    },
  };
}

function pauseAfter(failures: number): number {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** Math.max(failures - 1, 0), LONGEST_PAUSE_MS);
  // Processes that lost the same server do not come back in step.
  return longest * (0.5 + Math.random() / 2);
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
}
