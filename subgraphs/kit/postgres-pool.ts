import { Socket } from 'node:net';
import pg from 'pg';

export interface PostgresPoolOptions {
  /** The most connections. */
  readonly size: number;
  /** How long a connection may say nothing while somebody waits for it; `null` for as long as it likes. */
  readonly silenceLimitMs: number | null;
}

const CONNECT_LIMIT_MS = 5_000;

/**
 * Connections to a PostgreSQL server. One that breaks ends what runs on it, and so does one that falls silent: a
 * server or a network that has gone without a word must not hold all of them. The next query gets a new one.
 */
export function createPostgresPool(url: string, options: PostgresPoolOptions): pg.Pool {
  const { size, silenceLimitMs } = options;
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    keepAlive: true,
    types: { getTypeParser },
    ...(silenceLimitMs !== null && { stream: () => impatientSocket(silenceLimitMs) }),
  });
  // An idle connection that breaks is replaced at the next query; without a listener it ends the process.
  pool.on('error', () => undefined);
  // One that is taken has no listener of the pool's. Its next query says what has happened.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Also a broken network can be silent for ever, and pg's own limit of a query leaves its connection in the pool. */
function impatientSocket(limitMs: number): Socket {
  const socket = new Socket();
  socket.setTimeout(limitMs, () => {
    socket.destroy(new Error(`the database said nothing for ${limitMs} ms`));
  });
  return socket;
}

/** Times are milliseconds in `bigint` columns, far below 2^53; pg would give them as text. */
const getTypeParser: typeof pg.types.getTypeParser = (id: number, format?: 'text' | 'binary') =>
  id === pg.types.builtins.INT8 && format !== 'binary'
    ? (Number as never)
    : pg.types.getTypeParser(id, format as 'text');
