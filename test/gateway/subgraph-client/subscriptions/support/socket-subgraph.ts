import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { Test } from 'tap';
import { type WebSocket, WebSocketServer } from 'ws';
import { listen } from './servers.ts';

export interface SocketSubgraph {
  readonly url: string;
  /** The upgrade requests that came. */
  readonly upgrades: IncomingMessage[];
  /** All messages that came, as they were parsed. */
  readonly messages: Record<string, unknown>[];
  /** The close codes with which clients went, in order. */
  readonly closedWith: number[];
  /** Settles with the next client that has gone. */
  readonly gone: Promise<unknown>;
}

/** What to do on each message of a client, by its type. */
export type SocketScript = Readonly<
  Record<string, (socket: WebSocket, message: Record<string, unknown>) => void>
>;

export const send = (socket: WebSocket, message: unknown): void =>
  socket.send(JSON.stringify(message));

export const ack: SocketScript = {
  connection_init: (socket) => send(socket, { type: 'connection_ack' }),
};

/** Acknowledges, and then sends these payloads to each subscription. */
export const thenNext = (...payloads: readonly unknown[]): SocketScript => ({
  ...ack,
  subscribe: (socket, { id }) => {
    for (const payload of payloads) send(socket, { id, type: 'next', payload });
  },
});

/** A real WebSocket server that speaks graphql-transport-ws as far as the script says. */
export async function startSocketSubgraph(t: Test, script: SocketScript): Promise<SocketSubgraph> {
  const server = createServer((_, response) => void response.writeHead(404).end());
  const sockets = new WebSocketServer({
    server,
    handleProtocols: () => 'graphql-transport-ws',
  });
  const upgrades: IncomingMessage[] = [];
  const messages: Record<string, unknown>[] = [];
  const closedWith: number[] = [];
  const gone = Promise.withResolvers<void>();
  sockets.on('connection', (socket, request) => {
    upgrades.push(request);
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      messages.push(message);
      script[message.type]?.(socket, message);
    });
    void once(socket, 'close').then(([code]) => {
      closedWith.push(code);
      gone.resolve();
    });
  });
  const url = await listen(t, server);
  return { url, upgrades, messages, closedWith, gone: gone.promise };
}
