import type { Duplex } from 'node:stream';
import websocket from '@fastify/websocket';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { handleProtocols } from 'graphql-ws';
import type { GatewaySettings } from '../settings.ts';
import { type ConnectionParts, GraphqlConnection } from './graphql-connection.ts';
import { UpgradeGuard } from './guard-upgrade.ts';

export type WebSocketOptions = GatewaySettings['webSockets'];

export interface WebSockets {
  /** Closes all connections, each when its operations are over. */
  close(): Promise<void>;
}

/**
 * GraphQL over WebSocket (graphql-transport-ws) at `GET /graphql`. An upgrade goes through the hooks of Fastify
 * like any other request. It is to be called before those hooks are added, and before the route is.
 */
export async function serveWebSockets(
  app: FastifyInstance,
  parts: Omit<ConnectionParts, 'options'>,
  options: WebSocketOptions,
): Promise<WebSockets> {
  const guard = new UpgradeGuard(options);
  const connections = new Set<GraphqlConnection>();
  const replies = new WeakMap<FastifyRequest, FastifyReply>();
  const refused = closeWhatIsNotOpened(app, options.connectionInitTimeoutMs);
  app.decorateRequest('isGraphqlSocket', false);
  app.addHook('onRoute', (route) => {
    if (route.url !== '/graphql' || route.method !== 'GET') return;
    route.wsHandler = (socket, request) => {
      const reply = replies.get(request);
      if (reply === undefined) throw new TypeError('a WebSocket that nobody admitted');
      refused.delete(request.raw.socket);
      const connection = new GraphqlConnection(socket, { request, reply }, { ...parts, options });
      connections.add(connection);
      connection.ended.addEventListener('abort', () => connections.delete(connection), {
        once: true,
      });
    };
  });
  // Not written where it is used, as the types of `ws` do not know all that it takes.
  const serverOptions = {
    maxPayload: options.maxPayloadBytes,
    closeTimeout: options.closeTimeoutMs,
    handleProtocols,
  };
  await app.register(websocket, {
    options: serverOptions,
    // What a client does wrong has closed its connection already, with the code that says so.
    errorHandler: (error, _socket, request) => {
      request.log.debug({ reason: error.message }, 'a WebSocket failed');
    },
    // Not before subscriptions have been told why they end.
    preClose: (done) => done(),
  });
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.ws) {
      done();
      return;
    }
    try {
      guard.admit(request);
    } catch (error) {
      done(error as Error);
      return;
    }
    request.isGraphqlSocket = true;
    replies.set(request, reply);
    done();
  });
  return {
    async close() {
      // Those that come now are answered as plain requests, with 503.
      app.server.removeAllListeners('upgrade');
      for (const socket of refused) socket.destroy();
      await Promise.all(Array.from(connections, (connection) => connection.finish()));
    },
  };
}

/**
 * The sockets of upgrades that have not become a WebSocket (yet). Node has let go of them, and of those that are
 * refused before any hook runs, nobody else knows: they are closed after a while.
 */
function closeWhatIsNotOpened(app: FastifyInstance, timeoutMs: number): Set<Duplex> {
  const sockets = new Set<Duplex>();
  app.server.on('upgrade', (_request, socket) => {
    sockets.add(socket);
    const timer = setTimeout(() => {
      if (sockets.has(socket)) socket.destroy();
    }, timeoutMs);
    timer.unref();
    socket.once('close', () => {
      clearTimeout(timer);
      sockets.delete(socket);
    });
  });
  return sockets;
}
