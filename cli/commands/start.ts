import { createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { CodedError } from '#contract/errors.ts';
import { createGateway } from '#gateway/app.ts';
import {
  type GatewayConfig,
  isLoopback,
  loadCastellanConfig,
  readConfig,
} from '#gateway/config.ts';
import { closeOnSignal, createLogger, listen } from '#gateway/main.ts';
import { openSource } from '#gateway/supergraph/open-source.ts';
import { readSupergraph } from '#gateway/supergraph/supergraph.ts';
import { createContent } from '#subgraphs/content/app.ts';
import { createIdentity, type RunningIdentity } from '#subgraphs/identity/app.ts';
import { dialectOf } from '#subgraphs/kit/index.ts';
import { jwkSet } from '../claims-keys.ts';
import { defineCommand } from '../command.ts';
import { dataFolderOf } from '../data-folder.ts';
import { findFile } from '../find-file.ts';
import { greetingOf, urlOf } from '../greet.ts';
import { loadIdentitySettings } from '../load-identity-settings.ts';
import { withSecrets } from '../secrets.ts';
import { openStore } from '../store.ts';
import { readWorkerCount } from '../workers/worker-count.ts';

// Decision 15: identity on SQLite is one process.
const ONE_PROCESS =
  '"start" is one process; for several cores run "npm run identity" and "npm run gateway -- --workers N"';

type Owner = Awaited<ReturnType<RunningIdentity['seedOwner']>>;

export const command = defineCommand({
  name: 'start',
  summary: 'Runs everything in one process: gateway, identity and content',
  flags: {
    port: { type: 'string', value: 'N', description: 'the port (PORT, 4000)' },
    host: {
      type: 'string',
      value: 'HOST',
      description: 'the address to listen on (HOST, 127.0.0.1)',
    },
    workers: {
      type: 'string',
      value: 'N',
      description: 'always 1: several processes are for gateways that run alone',
      default: '1',
    },
  },
  async run({ workers, ...flags }, io) {
    if (readWorkerCount(workers) !== 1) throw new CodedError('CONFIGURATION_INVALID', ONE_PROCESS);
    const configFile = findFile('castellan.config.ts', io);
    const castellan = await loadCastellanConfig(configFile);
    const settings = await loadIdentitySettings(configFile);
    // Checked before anything is made or opened.
    await assertPortIsFree(readConfig({ flags, env: io.env, castellan }));
    const env = await withSecrets(io.env, dataFolderOf(io), [
      'CASTELLAN_SIGNING_KEY',
      'CASTELLAN_PEPPER',
    ]);
    const config = readConfig({ flags, env, castellan });
    const logger = createLogger(config.logLevel);
    const source = openSource(config.supergraph, config.settings.supergraph, (name) =>
      findFile(name, io),
    );
    const supergraph = await readSupergraph(source, config.settings);

    const store = await openStore(io);
    const shared = {
      database: store.database,
      dialect: dialectOf(env.DATABASE_URL),
      claims: {
        keys: jwkSet(env.CASTELLAN_SIGNING_KEY ?? ''),
        issuer: config.issuer,
      },
      logger,
    };
    const identity = await createIdentity({
      ...shared,
      settings,
      pepper: env.CASTELLAN_PEPPER ?? '',
      secret: env.IDENTITY_SECRET || undefined,
      baseUrl: `http://${config.host}:${config.port}`,
      production: config.production,
      environment: env,
    });
    const content = await createContent(shared);
    const app = await createGateway({
      config,
      supergraph,
      source,
      logger,
      identity: identity.identity,
      localSubgraphs: new Map<string, FastifyInstance>([
        ['identity', identity.app],
        ['content', content.app],
      ]),
    });

    const owner = isForDevelopment(config) ? await identity.seedOwner() : null;
    if (owner !== null) await content.seed(owner);
    app.server.once('listening', () => {
      const url = urlOf(app, config);
      const introduction = owner === null ? [] : introductionOf(owner, url);
      const lines = [...greetingOf(url, config), `Data  ${store.place}`, ...introduction];
      io.stdout.write(`${lines.join('\n')}\n`);
    });
    const close = async (): Promise<void> => {
      await app.close();
      await identity.close();
      await content.close();
      await store.close();
    };
    await listen(app, config);
    try {
      // They were shown: from here on nobody is shown others.
      await owner?.confirm();
    } catch (error) {
      await close();
      throw error;
    }
    await closeOnSignal(close, { ...config.settings, logger });
    return 0;
  },
});

/** Example data and an owner whose password is printed are for a developer's own machine only. */
function isForDevelopment(config: GatewayConfig): boolean {
  return !config.production && isLoopback(config.host);
}

function introductionOf(owner: NonNullable<Owner>, url: string): readonly string[] {
  const query = '{"query":"{ viewer { email posts { title } } }"}';
  return [
    `Owner  ${owner.email}  ${owner.password}`,
    `API key  ${owner.apiKey}`,
    `Try  curl ${url}/graphql -H 'Authorization: Bearer ${owner.apiKey}' -H 'Content-Type: application/json' -d '${query}'`,
  ];
}

/** Before the first run makes an owner whose password would then be printed by nobody. */
async function assertPortIsFree({ host, port }: GatewayConfig): Promise<void> {
  const probe = createServer();
  await listen({ listen: (address) => listenOnce(probe, address) }, { host, port });
  await new Promise((resolve) => probe.close(resolve));
}

function listenOnce(
  server: ReturnType<typeof createServer>,
  address: { readonly host: string; readonly port: number },
): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(address, () => resolve(address.host));
  });
}
