import { once } from 'node:events';
import type { Test } from 'tap';
import { WebSocket } from 'ws';
import type { Closed, Headers } from '#test/support/web-socket-client.ts';

/** A WebSocket without a client's manners. */
export interface RawSocket {
  readonly socket: WebSocket;
  /** Text goes as it is, all else as JSON. */
  send(message: unknown): void;
  /** The next message that comes, parsed. */
  next(): Promise<Record<string, unknown>>;
  /** Sends `connection_init` and waits for its answer. */
  init(payload?: object): Promise<void>;
  readonly closed: Promise<Closed>;
}

export async function openSocket(
  t: Test,
  url: string,
  { protocol = 'graphql-transport-ws', headers = {} as Headers } = {},
): Promise<RawSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, protocol, { headers });
  t.teardown(() => socket.terminate());
  const messages: Record<string, unknown>[] = [];
  const waiting: ((message: Record<string, unknown>) => void)[] = [];
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    const wait = waiting.shift();
    if (wait === undefined) messages.push(message);
    else wait(message);
  });
  const closed = once(socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }));
  await once(socket, 'open');
  const send = (message: unknown): void =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  const next = async () =>
    messages.shift() ??
    new Promise<Record<string, unknown>>((resolve) => {
      waiting.push(resolve);
    });
  return {
    socket,
    send,
    next,
    closed,
    async init(payload) {
      send({ type: 'connection_init', payload });
      const { type } = await next();
      t.equal(type, 'connection_ack');
    },
  };
}

/** What an upgrade that is refused is answered with. */
export async function refusedUpgrade(
  url: string,
  { protocols = ['graphql-transport-ws'], headers = {} as Headers, path = '/graphql' } = {},
): Promise<{ readonly status: number; readonly code: string }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, protocols, { headers });
  const [request, response] = await once(socket, 'unexpected-response');
  const chunks: Buffer[] = await response.toArray();
  request.destroy();
  const { errors } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  return { status: response.statusCode, code: errors[0].extensions.code };
}
