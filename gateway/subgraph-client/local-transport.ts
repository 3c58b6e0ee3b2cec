import type { FastifyInstance } from 'fastify';
import { SubgraphFailure } from './failure.ts';
import type { SubgraphTransport } from './transport.ts';

/**
 * Calls a subgraph that runs in this process, through its own routes and guards, without a socket.
 * Whoever started the subgraph closes it.
 */
export function createLocalTransport(
  name: string,
  app: FastifyInstance,
  { timeoutMs }: { readonly timeoutMs: number },
): SubgraphTransport {
  return {
    async send({ headers, body }) {
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(timeout(name, timeoutMs)), timeoutMs);
      const answer = app.inject({
        method: 'POST',
        url: '/graphql',
        headers: { ...headers },
        payload: body,
      });
      try {
        const response = await Promise.race([answer, late.promise]);
        return { status: response.statusCode, body: response.payload, hasRetryAfter: false };
      } finally {
        clearTimeout(timer);
      }
    },
    close: async () => {},
  };
}

function timeout(name: string, timeoutMs: number): SubgraphFailure {
  return new SubgraphFailure(
    'timeout',
    `The subgraph "${name}" did not answer within ${timeoutMs} ms`,
  );
}
