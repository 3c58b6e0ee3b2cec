import { type Client, type ClientOptions, createClient } from 'graphql-ws';
import type { Test } from 'tap';
import { WebSocket } from 'ws';

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export interface WebSocketClient extends Client {
  /** How the gateway, or this side, closed the connection. */
  readonly closed: Promise<Closed>;
}

export type Headers = Readonly<Record<string, string>>;

/** The client of the `graphql-ws` package, with these headers on its upgrade; it does not try again. */
export function connectWith(
  t: Test,
  url: string,
  connectionParams?: ClientOptions['connectionParams'],
  headers: Headers = {},
): WebSocketClient {
  const closed = Promise.withResolvers<Closed>();
  const client = createClient({
    url,
    ...(connectionParams && { connectionParams }),
    webSocketImpl: socketWith(headers),
    retryAttempts: 0,
    lazy: false,
    // What closes it is told by `closed`.
    onNonLazyError: () => undefined,
    on: {
      closed: (event) => closed.resolve(event as Closed),
    },
  });
  t.teardown(() => client.dispose());
  return Object.assign(client, { closed: closed.promise });
}

/** The class of sockets that go with these headers, for clients that are given one. */
export function socketWith(
  headers: Headers,
): new (
  url: string,
  protocols?: string | string[],
) => WebSocket {
  return class extends WebSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols, { headers });
    }
  };
}
