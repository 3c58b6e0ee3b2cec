import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { encodeFeedMessage, type FeedMessage } from '#contract/identity-feed.ts';

const HEARTBEAT_MS = 5_000;
const HEARTBEAT = ':\n\n';

/**
 * Writes messages as server-sent events, with a comment every few seconds. The next ones are not asked for before
 * the reader has taken these; one that takes nothing between two heartbeats is cut.
 * @throws whatever the messages throw; the response is then destroyed
 */
export async function writeFeed(
  response: ServerResponse,
  messages: AsyncIterable<readonly FeedMessage[]>,
  signal: AbortSignal,
  heartbeatMs = HEARTBEAT_MS,
): Promise<void> {
  let isStuck = false;
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) {
      isStuck = false;
      response.write(HEARTBEAT);
    } else if (isStuck) response.destroy();
    else isStuck = true;
  }, heartbeatMs).unref();
  try {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      // nginx would otherwise hold events back until it has a buffer full of them.
      'x-accel-buffering': 'no',
    });
    response.write(HEARTBEAT);
    for await (const page of messages) {
      if (signal.aborted) return;
      const isTaken = response.write(page.map(encodeFeedMessage).join(''));
      if (!isTaken) await once(response, 'drain', { signal });
    }
  } finally {
    clearInterval(heartbeat);
    // Never an end: there is always more to come, and whoever reads comes again.
    response.destroy();
  }
}
