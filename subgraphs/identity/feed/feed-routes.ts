import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CodedError } from '#contract/errors.ts';
import type { Identity } from '#contract/identity.ts';
import { decodePosition, type FeedPosition } from '#contract/identity-feed.ts';
import { createBoundedWork } from '../bounded-work.ts';
import { onlyWithSecret } from '../introspection/only-with-secret.ts';
import { boundedLog } from '../log/identity-log.ts';
import { type FeedParts, feedMessages } from './feed-messages.ts';
import { writeFeed } from './write-feed.ts';

/** One for each process of each gateway. */
const MAX_FEEDS = 1_000;
/** Of those that are behind, so many read the store at once. */
const BACKLOGS_AT_ONCE = 2;

export interface FeedRoutesOptions extends FeedParts {
  readonly identity: Identity;
  readonly secret: string;
}

/**
 * How gateways in other processes hear of changes, under the secret that both sides were given.
 *
 * `GET /events`: server-sent events from `Last-Event-ID` (or `?after=`) on; without one, or with one that this log
 * does not know or that is long past, it begins with `reset`.
 * `POST /lease?nonce=…`: the number of the last event, read for this request, beside the nonce: an answer that was
 * kept by somebody in between does not pass for a new one.
 */
export async function feedRoutes(app: FastifyInstance, options: FeedRoutesOptions): Promise<void> {
  const { identity, secret } = options;
  const open = new Set<ServerResponse>();
  const reads = createBoundedWork({ atOnce: BACKLOGS_AT_ONCE, waiting: MAX_FEEDS });
  const parts = { events: options.events, log: boundedLog(options.log, reads) };
  onlyWithSecret(app, secret);

  app.post('/lease', async ({ query }) => {
    const { nonce } = query as { readonly nonce?: unknown };
    if (typeof nonce !== 'string' || !/^[\w-]{16,128}$/.test(nonce)) {
      throw new CodedError('BAD_REQUEST', '"nonce" must be 16 to 128 letters and digits');
    }
    return { nonce, sequence: await identity.lease() };
  });

  app.get('/events', { exposeHeadRoute: false }, (request, reply) => {
    if (open.size >= MAX_FEEDS) throw new CodedError('OVERLOADED', 'There are too many feeds');
    const after = positionIn(request);
    const { raw } = reply;
    const left = new AbortController();
    open.add(raw);
    raw.once('close', () => {
      open.delete(raw);
      left.abort();
    });
    reply.hijack();
    writeFeed(raw, feedMessages(parts, after, left.signal), left.signal).catch((error: unknown) => {
      if (left.signal.aborted) return;
      const reason = error instanceof Error ? error.message : 'unknown';
      request.log.warn({ reason }, 'a feed of identity events broke off');
    });
  });

  app.addHook('preClose', async () => {
    for (const response of open) response.destroy();
  });
}

function positionIn({ headers, query }: FastifyRequest): FeedPosition | null {
  const text = headers['last-event-id'] ?? (query as { readonly after?: unknown }).after;
  // What cannot be read is a place that this log does not know either.
  return decodePosition(text);
}
