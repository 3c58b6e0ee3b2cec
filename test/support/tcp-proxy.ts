import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Test } from 'tap';

/** Which connections are meant: those whose first request is for a path that begins so; all without one. */
type Path = string | undefined;

/** A stretch of network between a client and an HTTP server, with the faults that networks have. */
export interface TcpProxy {
  readonly url: string;
  /** Connections stay open and bytes are taken, but none of the server's arrive. */
  hold(path?: Path): void;
  /** Resolves when bytes of such a connection are being held, now or before. */
  withheld(path: string): Promise<void>;
  /** What was held arrives now, late, and all that follows at once. */
  release(): void;
  /** Ends the connections that are open, without a goodbye. */
  cut(path?: Path): void;
  /** Whether new connections are ended at once. */
  refuseNew(isRefused: boolean): void;
  /** Resolves when a request for such a path has come through. */
  requested(path: string): Promise<void>;
  /** Resolves when an answer with this text in it has come through, now or before. */
  answered(text: string): Promise<void>;
}

const REMEMBERED_CHARACTERS = 1_000_000;

interface Connection {
  readonly client: Socket;
  readonly server: Socket;
  path: string;
  held: Buffer[];
}

/** Starts a proxy before a server. */
export async function startTcpProxy(t: Test, target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const connections = new Set<Connection>();
  const waiting = new Set<{ path: string; resolve: () => void }>();
  const answers = new EventEmitter();
  let answered = '';
  let held: Path[] = [];
  let isRefusing = false;
  const pass = (client: Socket, chunk: Buffer): void => {
    client.write(chunk);
    answered = (answered + chunk.toString('latin1')).slice(-REMEMBERED_CHARACTERS);
    answers.emit('more');
  };
  const isMeant = (connection: Connection, path: Path): boolean =>
    path === undefined || connection.path.startsWith(path);

  const proxy = createServer((client) => {
    if (isRefusing) {
      client.destroy();
      return;
    }
    const server = connect(Number(port), hostname);
    const connection: Connection = { client, server, path: '', held: [] };
    connections.add(connection);
    client.on('data', (chunk) => {
      const path = /^[A-Z]+ (\S+) HTTP/.exec(chunk.toString('latin1'))?.[1];
      if (path !== undefined) {
        if (connection.path === '') connection.path = path;
        for (const each of waiting) {
          if (!path.startsWith(each.path)) continue;
          waiting.delete(each);
          each.resolve();
        }
      }
      server.write(chunk);
    });
    server.on('data', (chunk) => {
      if (held.some((path) => isMeant(connection, path))) {
        connection.held.push(chunk);
        answers.emit('held');
      } else pass(client, chunk);
    });
    const end = (): void => {
      connections.delete(connection);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      socket.on('error', end);
      socket.on('close', end);
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.teardown(() => {
    for (const { client } of connections) client.destroy();
    proxy.close();
  });

  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    hold(path) {
      held.push(path);
    },
    async withheld(path) {
      const isHeld = (each: Connection) => each.held.length > 0 && isMeant(each, path);
      while (![...connections].some(isHeld)) await once(answers, 'held');
    },
    release() {
      held = [];
      for (const connection of connections) {
        for (const chunk of connection.held) pass(connection.client, chunk);
        connection.held = [];
      }
    },
    cut(path) {
      for (const connection of connections) {
        if (isMeant(connection, path)) connection.client.resetAndDestroy();
      }
    },
    refuseNew(isRefused) {
      isRefusing = isRefused;
    },
    requested(path) {
      return new Promise((resolve) => waiting.add({ path, resolve }));
    },
    async answered(text) {
      while (!answered.includes(text)) await once(answers, 'more');
    },
  };
}
