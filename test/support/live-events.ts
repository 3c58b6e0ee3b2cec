import type { Test } from 'tap';
import { readEvents } from '#test/gateway/subscriptions/support/read-events.ts';
import { type LiveCastellan, TICKED } from './live-castellan.ts';
import { type Closed, connectWith, type Headers } from './web-socket-client.ts';

export const transports = ['WebSocket', 'server-sent events', 'multipart'] as const;

export interface LiveEvents {
  /** The next event; null when the subscription has ended as it should. */
  next(): Promise<unknown>;
  /** The codes of the errors with which it ends before its time. */
  endedWith(): Promise<readonly unknown[]>;
  /** How the connection was closed, where it is a WebSocket. */
  readonly closed: Promise<Closed> | null;
}

/** Subscribes to ticks as whoever these headers name; it is open when the subgraph says so. */
export async function subscribeOver(
  t: Test,
  transport: (typeof transports)[number],
  live: LiveCastellan,
  headers: Headers,
): Promise<LiveEvents> {
  if (transport === 'WebSocket') {
    const client = connectWith(t, live.webSocketUrl, undefined, headers);
    const events = client.iterate({ query: TICKED });
    const next = () => events.next();
    // Asked at once, as only that begins it.
    let first: ReturnType<typeof next> | null = next();
    first.catch(() => undefined);
    const read = () => {
      const reading = first ?? next();
      first = null;
      return reading;
    };
    return {
      closed: client.closed,
      async next() {
        const { done, value } = await read();
        return done ? null : value;
      },
      endedWith: () => read().then(unexpected, (errors) => errors.map(codeOf)),
    };
  }
  const leaving = new AbortController();
  t.teardown(() => leaving.abort());
  const accept =
    transport === 'multipart' ? 'multipart/mixed;subscriptionSpec=1.0' : 'text/event-stream';
  const response = await fetch(`${live.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, ...headers },
    body: JSON.stringify({ query: TICKED }),
    signal: leaving.signal,
  });
  const events = readEvents(response);
  return {
    closed: null,
    async next() {
      const event = await events.next();
      return transport === 'multipart' ? (event as { payload: unknown } | null)?.payload : event;
    },
    async endedWith() {
      const { errors } = (await events.next()) as { errors: readonly unknown[] };
      if ((await events.next()) !== null) throw new Error('it goes on');
      return errors.map(codeOf);
    },
  };
}

function unexpected(result: unknown): never {
  throw new Error(`it went on with ${JSON.stringify(result)}`);
}

function codeOf(error: unknown): unknown {
  return (error as { extensions?: { code?: unknown } }).extensions?.code;
}
