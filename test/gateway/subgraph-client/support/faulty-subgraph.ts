import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

export interface ReceivedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What a subgraph does with one request. */
export type Behaviour = (response: ServerResponse, request: IncomingMessage) => void;

export interface FaultySubgraph {
  readonly url: string;
  readonly received: ReceivedRequest[];
}

/** A real server that treats its requests one after the other as the script says, and all further ones as its last line does. */
export async function startFaultySubgraph(
  t: Test,
  ...script: readonly Behaviour[]
): Promise<FaultySubgraph> {
  const received: ReceivedRequest[] = [];
  const server = createServer(async (request, response) => {
    const behave = script[Math.min(received.length, script.length - 1)];
    const index = received.push({ headers: request.headers, body: Buffer.alloc(0) }) - 1;
    const chunks: Buffer[] = await request.toArray();
    received[index] = { headers: request.headers, body: Buffer.concat(chunks) };
    behave?.(response, request);
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, received };
}

export const fine = '{"data":{"me":{"id":"1"}}}';

/** Answers with this status and body. */
export const answer =
  (
    body: string | Buffer,
    status = 200,
    headers: Readonly<Record<string, string>> = {},
  ): Behaviour =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };

/** Takes the request and never answers. */
export const nothing: Behaviour = () => undefined;

/** Resets the connection before any byte of an answer. */
export const reset: Behaviour = (_, request) => {
  request.socket.resetAndDestroy();
};

/** Closes the connection before any byte of an answer. */
export const hangUp: Behaviour = (_, request) => {
  request.socket.destroy();
};

/** Sends the head and a part of the body, and then nothing more. */
export const stall: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).write(fine.slice(0, 9));
};

/** Sends the head and a part of the body, and closes. */
export const breakOff: Behaviour = (response, request) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write(fine.slice(0, 9), () => request.socket.destroy());
};

/** Sends a body without an end, until nobody listens any more. */
export const endless: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const more = (): void => {
    while (!response.destroyed && response.write(' '.repeat(65_536)));
  };
  response.on('drain', more);
  more();
};
