import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import type { Test } from 'tap';
import { jwkSet } from '#cli/claims-keys.ts';
import { DEFAULT_ISSUER } from '#contract/claims.ts';
import type { Clock } from '#contract/clock.ts';
import { createSigningKey } from '#contract/signing-keys.ts';
import { createGateway } from '#gateway/app.ts';
import { readConfig } from '#gateway/config.ts';
import { defineConfig } from '#gateway/settings.ts';
import { loadSupergraph } from '#gateway/supergraph/supergraph.ts';
import { auth } from '#plugins/auth/index.ts';
import { createIdentity, type RunningIdentity } from '#subgraphs/identity/app.ts';
import { identityDatabase } from '#subgraphs/identity/database/tables.ts';
import { createIdentityLog } from '#subgraphs/identity/log/identity-log.ts';
import { type Database, openDatabase } from '#subgraphs/kit/index.ts';
import { manyKeys } from '#test/subgraphs/support/running-identity.ts';
import type { StoreLocation } from '#test/subgraphs/support/stores.ts';
import { createTestClock, type TestClock } from '#test/subgraphs/support/test-clock.ts';
import { ask, bearer, signUp } from './client.ts';
import { compose } from './compose.ts';
import type { TcpProxy } from './tcp-proxy.ts';

const SHARED_SECRET = 'a-secret-of-gateways-and-identities';
const LISTENING = { host: '127.0.0.1', port: 0 };

const typeDefs = readFileSync(
  new URL('../../subgraphs/identity/schema.graphql', import.meta.url),
  'utf8',
);

export interface FleetIdentity extends RunningIdentity {
  readonly url: string;
  readonly database: Database;
  /** Listens at the same address again, on the same store, after it was stopped. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface FleetGateway {
  readonly url: string;
  /** Stands still until a test moves it: nothing that the gateway remembers grows old by itself. */
  readonly clock: TestClock;
  logs(): string;
  /** The status with which a key is answered now. */
  statusOf(key: string): Promise<number>;
  /** Resolves when a key is answered with this status; the test's own time limit is the only one. */
  whenStatus(key: string, status: number): Promise<void>;
}

/** Identities and gateways as on several machines: one store, one secret, everything else of their own. */
export interface Fleet {
  /** @param clock the machine's when left out */
  identity(clock?: Clock): Promise<FleetIdentity>;
  /** @param identityUrl where it believes identity is */
  gateway(identityUrl: string, options?: GatewayOptions): Promise<FleetGateway>;
  /** A person who has just signed up through this gateway: the session cookie. */
  signUp(gateway: FleetGateway): Promise<string>;
  createKey(gateway: FleetGateway, cookie: string): Promise<{ id: string; key: string }>;
  revokeKey(gateway: FleetGateway, cookie: string, id: string): Promise<void>;
  /** Resolves when everything that has happened was told through this proxy, behind which this identity is. */
  told(proxy: TcpProxy, identity: FleetIdentity): Promise<void>;
}

interface GatewayOptions {
  /** Where the identity subgraph is, when not beside the rest of identity. */
  readonly subgraphUrl?: string;
  readonly auth?: Record<string, unknown>;
  /** Instead of the one that stands still. */
  readonly clock?: Clock;
}

export function startFleet(t: Test, location: StoreLocation): Fleet {
  const signingKey = createSigningKey();
  const pepper = `v1:${randomBytes(32).toString('base64')}`;
  const change = async (gateway: FleetGateway, cookie: string, query: string) => {
    const { data, errors } = await ask(gateway.url, query, { headers: { cookie } });
    if (errors !== undefined) throw new Error(errors[0]?.message);
    return data;
  };

  async function identity(clock?: Clock): Promise<FleetIdentity> {
    const database = await openDatabase(location);
    t.teardown(() => database.destroy());
    const start = () =>
      createIdentity({
        database,
        clock,
        dialect: location.dialect,
        pepper,
        claims: { keys: jwkSet(signingKey), issuer: DEFAULT_ISSUER },
        secret: SHARED_SECRET,
        baseUrl: 'http://127.0.0.1:4000',
        production: false,
        settings: manyKeys,
        logger: pino({ level: 'silent' }),
      });
    let running = await start();
    const url = await running.app.listen(LISTENING);
    const stop = async (): Promise<void> => {
      running.app.server.closeAllConnections();
      await running.close();
    };
    t.teardown(stop);
    return {
      ...running,
      url,
      database,
      stop,
      async restart() {
        running = await start();
        await running.app.listen({ host: LISTENING.host, port: Number(new URL(url).port) });
      },
    };
  }

  async function gateway(identityUrl: string, options: GatewayOptions = {}): Promise<FleetGateway> {
    const clock = createTestClock();
    const config = readConfig({
      flags: { port: '0' },
      env: {
        CASTELLAN_SIGNING_KEY: signingKey,
        CASTELLAN_SUBGRAPH_IDENTITY_URL: `${options.subgraphUrl ?? identityUrl}/graphql`,
        IDENTITY_URL: identityUrl,
        IDENTITY_SECRET: SHARED_SECRET,
      },
      castellan: defineConfig({ plugins: [auth.configure(options.auth ?? {})] }),
    });
    const supergraph = await loadSupergraph(
      compose({ identity: typeDefs }),
      undefined,
      config.settings,
    );
    const lines: string[] = [];
    const logger = pino({ level: 'info' }, { write: (line: string) => lines.push(line) });
    const app = await createGateway({
      config,
      supergraph,
      logger,
      clock: options.clock ?? clock,
    });
    t.teardown(() => app.close());
    const url = await app.listen(LISTENING);
    const statusOf = async (key: string) =>
      (await ask(url, '{ viewer { id } }', bearer(key))).status;
    return {
      url,
      clock,
      logs: () => lines.join(''),
      statusOf,
      async whenStatus(key, status) {
        while ((await statusOf(key)) !== status);
      },
    };
  }

  return {
    identity,
    gateway,
    signUp: ({ url }) => signUp(url, `${randomBytes(6).toString('hex')}@example.com`),
    async createKey(gateway, cookie) {
      const data = await change(
        gateway,
        cookie,
        'mutation { createAPIKey(input: { name: "a key", permissions: [READ] }) { id key } }',
      );
      return (data as { createAPIKey: { id: string; key: string } }).createAPIKey;
    },
    async told(proxy, { database }) {
      const { sequence } = await createIdentityLog(identityDatabase(database)).end();
      await proxy.answered(`id: ${sequence}-`);
    },
    async revokeKey(gateway, cookie, id) {
      await change(gateway, cookie, `mutation { revokeAPIKey(id: "${id}") { id } }`);
    },
  };
}
