import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** Where identity keeps what it knows during a run. */
export interface BenchStore {
  readonly name: 'sqlite' | 'postgres';
  /** What the identity process is told of it. */
  readonly env: Readonly<Record<string, string>>;
  drop(): Promise<void>;
}

/** SQLite, in the data folder of the process. */
export const sqliteStore: BenchStore = {
  name: 'sqlite',
  env: {},
  drop: async () => undefined,
};

/** A schema of its own on the PostgreSQL server that TEST_DATABASE_URL names. @throws Error when it names none */
export async function postgresStore(): Promise<BenchStore> {
  const server = process.env.TEST_DATABASE_URL;
  if (!server) throw new Error('--postgres needs TEST_DATABASE_URL');
  const schema = `bench_${randomBytes(8).toString('hex')}`;
  await run(server, `create schema ${schema}`);
  const url = new URL(server);
  url.searchParams.set('options', `-c search_path=${schema}`);
  return {
    name: 'postgres',
    env: { DATABASE_URL: url.href },
    drop: () => run(server, `drop schema ${schema} cascade`),
  };
}

async function run(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
