import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

const SWEEP_MS = 50;

/**
 * While the server closes, hangs up connections as soon as their last answer is out. A client that keeps its
 * connection alive would otherwise hold the process until the keep-alive time is over, and one that has opened a
 * connection for later use (browsers and fetch do) until the time for its first request is.
 */
export function hangUpWhenIdle(app: FastifyInstance): void {
  const sockets = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  app.addHook('preClose', async () => {
    const sweep = setInterval(() => {
      app.server.closeIdleConnections();
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    }, SWEEP_MS);
    app.server.once('close', () => clearInterval(sweep));
    // Injected requests have no server that ever listens.
    if (!app.server.listening) clearInterval(sweep);
  });
}
