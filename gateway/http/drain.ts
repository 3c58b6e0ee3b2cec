import type { FastifyInstance } from 'fastify';

const SWEEP_MS = 50;

/**
 * While the server closes, hangs up connections as soon as their last answer is out. A client that keeps its
 * connection alive would otherwise hold the process until the keep-alive time is over.
 */
export function hangUpWhenIdle(app: FastifyInstance): void {
  app.addHook('preClose', async () => {
    const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
    app.server.once('close', () => clearInterval(sweep));
    // Injected requests have no server that ever listens.
    if (!app.server.listening) clearInterval(sweep);
  });
}
