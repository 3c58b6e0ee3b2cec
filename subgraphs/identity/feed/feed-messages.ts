import type { FeedMessage, FeedPosition } from '#contract/identity-feed.ts';
import type { IdentityEvents } from '../log/identity-events.ts';
import { eventOf, type IdentityLog, type LoggedEvent, rowsAfter } from '../log/identity-log.ts';

const PAGE = 1_000;
/** Whoever is further behind has less to do when it forgets everything. */
const MAX_BEHIND = 10_000;

export interface FeedParts {
  readonly events: IdentityEvents;
  readonly log: IdentityLog;
}

/**
 * What a gateway has to be told that knows everything up to `after` (nothing, when that is null), a page at a time.
 * It ends with the signal, and throws when the store cannot be read.
 *
 * Nothing is queued for a reader: the next page is looked for when it asks, from where it is by then.
 */
export async function* feedMessages(
  { events, log }: FeedParts,
  after: FeedPosition | null,
  signal: AbortSignal,
): AsyncGenerator<readonly FeedMessage[], void, void> {
  let wake = Promise.withResolvers<void>();
  const stop = events.onProgress(() => wake.resolve());
  signal.addEventListener('abort', () => wake.resolve(), { once: true });
  let { generation } = events;
  let position = after;
  // Only the log itself knows whether it goes through a place that somebody else names.
  let isOurs = false;
  try {
    for (;;) {
      // Before anything is looked at: what comes meanwhile is not missed.
      wake = Promise.withResolvers();
      if (signal.aborted) return;
      const rows =
        position === null || generation !== events.generation
          ? null
          : await rowsOf({ events, log }, position, isOurs);
      if (rows === null) {
        // The place may be one that this process has yet to hear of.
        if (position !== null) await events.catchUp();
        ({ position, generation } = events);
        isOurs = true;
        yield [{ kind: 'reset', position }];
        continue;
      }
      const messages = messagesOf(rows);
      isOurs = true;
      position = messages.at(-1)?.position ?? position;
      if (messages.length > 0) yield messages;
      else await wake.promise;
    }
  } finally {
    stop();
  }
}

/** The rows after a place; null when all is to be forgotten instead. */
function rowsOf(
  { events, log }: FeedParts,
  position: FeedPosition,
  isOurs: boolean,
): Promise<readonly LoggedEvent[] | null> | readonly LoggedEvent[] | null {
  if (events.sequence - position.sequence > MAX_BEHIND) return null;
  const held = isOurs ? events.recentAfter(position.sequence) : null;
  return held ?? rowsAfter(log, position, PAGE);
}

/** What is nobody's affair is not told, but that the end was reached is. */
function messagesOf(rows: readonly LoggedEvent[]): readonly FeedMessage[] {
  const messages: FeedMessage[] = [];
  for (const row of rows) {
    const event = eventOf(row);
    const position = { sequence: row.sequence, at: row.at };
    if (event !== null) messages.push({ kind: 'touched', position, event });
    else if (row === rows.at(-1)) messages.push({ kind: 'reached', position });
  }
  return messages;
}
