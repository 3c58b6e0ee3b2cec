import type { FastifyInstance } from 'fastify';
import { abandoned, SubgraphFailure } from './failure.ts';
import type { SubgraphRequest, SubgraphResponse, SubgraphTransport } from './transport.ts';

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
    async send(request) {
      const late = Promise.withResolvers<never>();
      const giveUp = new AbortController();
      const timer = setTimeout(() => {
        late.reject(timeout(name, timeoutMs));
        giveUp.abort();
      }, timeoutMs);
      request.departure?.onLeave(() => {
        late.reject(abandoned(name));
        giveUp.abort();
      });
      try {
        return await Promise.race([receive(request, giveUp.signal), late.promise]);
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

function tooLarge(name: string, maxResponseBytes: number, status: number): SubgraphFailure {
  return new SubgraphFailure(
    'too-large',
    `The subgraph "${name}" answered with more than ${maxResponseBytes} bytes`,
    { status },
  );
}

function brokenOff(name: string, status: number, cause: unknown): SubgraphFailure {
  const message = `The subgraph "${name}" broke off its answer`;
  return new SubgraphFailure('broken-off', message, { status, cause });
}
