import type { FastifyInstance } from 'fastify';
import type { SubgraphTransport } from './transport.ts';

/**
 * Calls a subgraph that runs in this process, through its own routes and guards, without a socket.
 * Whoever started the subgraph closes it.
 */
export function createLocalTransport(app: FastifyInstance): SubgraphTransport {
  return {
    async send({ headers, body }) {
      const response = await app.inject({
        method: 'POST',
        url: '/graphql',
        headers: { ...headers },
        payload: body,
      });
      return { status: response.statusCode, body: response.payload, hasRetryAfter: false };
    },
    close: async () => {},
  };
}
