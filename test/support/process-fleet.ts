import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import type { Test } from 'tap';
import { type Database, openDatabase } from '#subgraphs/kit/index.ts';
import type { StoreLocation } from '#test/subgraphs/support/stores.ts';
import { type CastellanProcess, startCastellan } from './castellan-process.ts';
import { ask, signUp } from './client.ts';
import { KeyWitness } from './key-witness.ts';

export interface IdentityProcess {
  readonly url: string;
  readonly pid: number;
  kill(): Promise<void>;
  /** Starts it again, at the same address. */
  start(): Promise<void>;
}

export interface GatewayProcess {
  readonly url: string;
  readonly pid: number;
  /** The status with which this key is answered now; @throws Error when it may not be */
  statusOf(key: string): Promise<number>;
  /** Resolves when it is answered with this status. */
  whenStatus(key: string, status: number): Promise<void>;
  output(): string;
}

export interface FleetKey {
  readonly id: string;
  readonly key: string;
}

/** Identities and gateways that are processes of their own, on one store. Every answer to a key is looked at. */
export interface ProcessFleet {
  /** The store, opened by the test: another process than all of them. */
  readonly database: Database;
  readonly witness: KeyWitness;
  identity(): Promise<IdentityProcess>;
  /**
   * @param identityUrl where it believes identity is
   * @param subgraphUrl where the identity subgraph is, when that is not beside it
   */
  gateway(identityUrl: string, subgraphUrl?: string): Promise<GatewayProcess>;
  /** Somebody who has just signed up: their session cookie. */
  signUp(gateway: GatewayProcess): Promise<string>;
  /** @throws Error when it was not acknowledged */
  createKey(gateway: GatewayProcess, cookie: string): Promise<FleetKey>;
  /** Revokes it through a gateway. @throws Error when that was not acknowledged */
  revokeKey(gateway: GatewayProcess, cookie: string, key: FleetKey): Promise<void>;
  /** Revokes it in the store, past every identity. */
  revokeInStore(key: FleetKey): Promise<void>;
}

const root = (file: string): string => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const module = (file: string): string => new URL(`../../${file}`, import.meta.url).href;
const POLL_MS = 20;
const WAIT_LIMIT_MS = 25_000;

const config = (leaseSeconds: number): string =>
  [
    `import { defineConfig } from '${module('gateway/settings.ts')}';`,
    `import { use } from '${module('gateway/plugin.ts')}';`,
    `import { auth } from '${module('plugins/auth/index.ts')}';`,
    `export default defineConfig({ plugins: [use(auth, { leaseSeconds: ${leaseSeconds} })] });`,
  ].join('\n');

/** @param leaseSeconds of every gateway; the bound that all answers are held to */
export async function startProcessFleet(
  t: Test,
  location: StoreLocation,
  leaseSeconds = 2,
): Promise<ProcessFleet> {
  const folder = path.join(path.dirname(location.file), 'fleet');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(path.join(folder, 'castellan.config.ts'), config(leaseSeconds));
  const file = path.join(folder, 'castellan.db');
  const env = { CASTELLAN_DATA: folder, DATABASE_URL: location.url, LOG_LEVEL: 'info' };
  const witness = new KeyWitness(leaseSeconds * 1_000);
  const database = await openDatabase({ ...location, file });
  t.teardown(() => database.destroy());

  async function change<T>(gateway: GatewayProcess, cookie: string, query: string): Promise<T> {
    const { data, errors } = await ask(gateway.url, query, { headers: { cookie } });
    if (errors !== undefined) throw new Error(errors[0]?.message);
    return data as T;
  }

  return {
    database,
    witness,
    async identity() {
      const start = (port: string): Promise<CastellanProcess> =>
        startCastellan(['identity', '--port', port], env, 'Identity');
      let running = await start('0');
      t.teardown(() => running.stop('SIGKILL'));
      const url = running.facts.get('Identity') ?? '';
      return {
        url,
        get pid() {
          return running.pid;
        },
        async kill() {
          await running.stop('SIGKILL');
        },
        async start() {
          running = await start(new URL(url).port);
        },
      };
    },

    async gateway(identityUrl, subgraphUrl = identityUrl) {
      const running = await startCastellan(
        ['gateway', '--supergraph', root('supergraph.graphql')],
        {
          ...env,
          IDENTITY_URL: identityUrl,
          CASTELLAN_SUBGRAPH_IDENTITY_URL: `${subgraphUrl}/graphql`,
        },
        'GraphQL',
        folder,
      );
      t.teardown(() => running.stop('SIGKILL'));
      const url = (running.facts.get('GraphQL') ?? '').replace(/\/graphql$/, '');
      const statusOf = (key: string): Promise<number> => witness.ask(url, key);
      return {
        url,
        pid: running.pid,
        output: running.output,
        statusOf,
        async whenStatus(key, status) {
          const until = performance.now() + WAIT_LIMIT_MS;
          let found = await statusOf(key);
          while (found !== status) {
            if (performance.now() > until) {
              throw new Error(`answered with ${found} and not with ${status}\n${running.output()}`);
            }
            await wait(POLL_MS);
            found = await statusOf(key);
          }
        },
      };
    },

    signUp: ({ url }) => signUp(url, `${randomBytes(6).toString('hex')}@example.com`),

    async createKey(gateway, cookie) {
      const { createAPIKey: made } = await change<{ createAPIKey: FleetKey }>(
        gateway,
        cookie,
        'mutation { createAPIKey(input: { name: "a key", permissions: [READ] }) { id key } }',
      );
      witness.made(made.key);
      return made;
    },
    revokeKey: (gateway, cookie, { id, key }) =>
      witness.revoked(key, () =>
        change(gateway, cookie, `mutation { revokeAPIKey(id: "${id}") { id } }`),
      ),
    revokeInStore: ({ id, key }) =>
      witness.revoked(key, () =>
        sql`update api_key set revoked_at = ${Date.now()} where id = ${id}`.execute(database),
      ),
  };
}
