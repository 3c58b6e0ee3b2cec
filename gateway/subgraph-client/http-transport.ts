import { Pool } from 'undici';
import { type Encoding, pack } from './compression.ts';
import { type Deadlines, HttpExchange } from './http-exchange.ts';
import type { SubgraphOptions } from './options.ts';
import type { SubgraphRequest, SubgraphResponse, SubgraphTransport } from './transport.ts';

export type HttpTransportOptions = Pick<
  SubgraphOptions,
  'connections' | 'keepAliveMs' | 'connectTimeoutMs' | 'maxResponseBytes' | 'compression'
> &
  Deadlines;

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
    keepAliveTimeout: options.keepAliveMs,
    connect: { timeout: options.connectTimeoutMs },
    // One timer of our own watches over the whole exchange.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const dispatch = (
    { timeLeftMs, departure }: SubgraphRequest,
    headers: Readonly<Record<string, string>>,
    body: string | Buffer,
  ): Promise<SubgraphResponse> =>
    new Promise((resolve, reject) => {
      const exchange = new HttpExchange(name, options, timeLeftMs, resolve, reject);
      departure?.onLeave(() => exchange.abandon());
      // What was given up before it began is not begun.
      if (!exchange.isOver) pool.dispatch({ method: 'POST', path, headers, body }, exchange);
    });
  const { requests: encoding, requestsFromBytes } = options.compression;
  return {
    send(request) {
      const { headers, body } = request;
      // A text has at least as many bytes as characters.
      if (encoding === 'off' || body.length < requestsFromBytes) {
        return dispatch(request, headers, body);
      }
      return packed(encoding, request).then((each) => dispatch(request, each.headers, each.body));
    },
    close: () => pool.close(),
  };
}

async function packed(
  encoding: Encoding,
  { headers, body }: SubgraphRequest,
): Promise<{ readonly headers: Readonly<Record<string, string>>; readonly body: Buffer }> {
  return {
    headers: { ...headers, 'content-encoding': encoding },
    body: await pack(encoding, body),
  };
}
