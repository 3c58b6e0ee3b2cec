import { Pool } from 'undici';
import { CodedError } from '#contract/errors.ts';
import type { SubgraphTransport } from './transport.ts';

export interface HttpTransportOptions {
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** From the request to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
}

/** Calls a subgraph over HTTP, on kept-alive connections. */
export function createHttpTransport(
  name: string,
  url: string,
  options: HttpTransportOptions,
): SubgraphTransport {
  const { origin, pathname, search } = new URL(url);
  const path = pathname + search;
  const pool = new Pool(origin, {
    connections: options.connections,
    connect: { timeout: options.connectTimeoutMs },
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    maxResponseSize: options.maxResponseBytes,
  });
  return {
    async send({ headers, body }) {
      try {
        const signal = AbortSignal.timeout(options.timeoutMs);
        const response = await pool.request({ method: 'POST', path, headers, body, signal });
        return { status: response.statusCode, body: await response.body.text() };
      } catch (error) {
        throw failure(name, error, options);
      }
    },
    close: () => pool.close(),
  };
}

/** The reason is told without addresses: where a subgraph runs is no business of a client's. */
function failure(name: string, error: unknown, options: HttpTransportOptions): CodedError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
    const limit = `${options.maxResponseBytes} bytes`;
    return new CodedError(
      'SUBGRAPH_INVALID_RESPONSE',
      `The subgraph "${name}" answered with more than ${limit}`,
      { cause: error },
    );
  }
  const timedOut =
    (error instanceof Error && error.name === 'TimeoutError') ||
    code === 'UND_ERR_HEADERS_TIMEOUT' ||
    code === 'UND_ERR_BODY_TIMEOUT';
  return new CodedError(
    'SUBGRAPH_UNAVAILABLE',
    timedOut
      ? `The subgraph "${name}" did not answer within ${options.timeoutMs} ms`
      : `The subgraph "${name}" cannot be reached`,
    { cause: error },
  );
}
