import type { FastifyInstance } from 'fastify';
import { SubgraphFailure } from './failure.ts';
import type { SubgraphRequest, SubgraphResponse, SubgraphTransport } from './transport.ts';
import { tooLarge, withinBounds } from './within-bounds.ts';

export interface LocalTransportOptions {
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
}

/**
 * Calls a subgraph that runs in this process, through its own routes and guards, without a socket.
 * Whoever started the subgraph closes it.
 */
export function createLocalTransport(
  name: string,
  app: FastifyInstance,
  { timeoutMs, maxResponseBytes }: LocalTransportOptions,
): SubgraphTransport {
  async function receive(
    { headers, body }: SubgraphRequest,
    signal: AbortSignal,
  ): Promise<SubgraphResponse> {
    const response = await app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { ...headers },
      payload: body,
      payloadAsStream: true,
      signal,
    });
    const status = response.statusCode;
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of response.stream() as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > maxResponseBytes) throw tooLarge(name, maxResponseBytes, status);
        chunks.push(chunk);
      }
    } catch (error) {
      // Otherwise what writes the answer would wait for somebody to read on.
      response.raw.res.destroy();
      throw error instanceof SubgraphFailure ? error : brokenOff(name, status, error);
    }
    return { status, body: Buffer.concat(chunks).toString('utf8'), hasRetryAfter: false };
  }

  return {
    send: (request) =>
      withinBounds(name, timeoutMs, request.departure, (signal) => receive(request, signal)),
    close: async () => {},
  };
}

function brokenOff(name: string, status: number, cause: unknown): SubgraphFailure {
  const message = `The subgraph "${name}" broke off its answer`;
  return new SubgraphFailure('broken-off', message, { status, cause });
}
