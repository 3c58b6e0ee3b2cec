import { readConfig } from '#gateway/config.ts';
import { closeOnSignal, createLogger, listen } from '#gateway/main.ts';
import { defineConfig } from '#gateway/settings.ts';
import { createIdentity } from '#subgraphs/identity/app.ts';
import { dialectOf } from '#subgraphs/kit/index.ts';
import { claimsKeys } from '../claims-keys.ts';
import { defineCommand } from '../command.ts';
import { dataFolderOf } from '../data-folder.ts';
import { findFile } from '../find-file.ts';
import { urlOf } from '../greet.ts';
import { loadIdentitySettings } from '../load-identity-settings.ts';
import { withSecrets } from '../secrets.ts';
import { openStore } from '../store.ts';

const DEFAULT_PORT = '4001';

export const command = defineCommand({
  name: 'identity',
  summary: 'Runs the identity service alone; gateways reach it with IDENTITY_URL',
  flags: {
    port: { type: 'string', value: 'N', description: `the port (PORT, ${DEFAULT_PORT})` },
    host: {
      type: 'string',
      value: 'HOST',
      description: 'the address to listen on (HOST, 127.0.0.1)',
    },
  },
  async run(flags, io) {
    const port = flags.port ?? (io.env.PORT || DEFAULT_PORT);
    const config = readConfig({
      flags: { ...flags, port },
      env: io.env,
      castellan: defineConfig({ plugins: [] }),
    });
    const hasKeySet = Boolean(io.env.CASTELLAN_JWKS_URL);
    const env = await withSecrets(io.env, dataFolderOf(io), [
      'CASTELLAN_PEPPER',
      'IDENTITY_SECRET',
      // On one machine the gateway's key lies in the data folder that both share.
      ...(hasKeySet ? [] : (['CASTELLAN_SIGNING_KEY'] as const)),
    ]);
    const logger = createLogger(config.logLevel);
    const settings = await loadIdentitySettings(findFile('castellan.config.ts', io));
    const store = await openStore(io);
    const identity = await createIdentity({
      database: store.database,
      dialect: dialectOf(env.DATABASE_URL),
      settings,
      pepper: env.CASTELLAN_PEPPER ?? '',
      claims: { keys: claimsKeys(env), issuer: config.issuer },
      secret: env.IDENTITY_SECRET,
      baseUrl: `http://${config.host}:${config.port}`,
      production: config.production,
      environment: env,
      logger,
    });
    identity.app.server.once('listening', () => {
      io.stdout.write(`Identity  ${urlOf(identity.app, config)}\nData  ${store.place}\n`);
    });
    await listen(identity.app, config);
    await closeOnSignal(
      async () => {
        await identity.close();
        await store.close();
      },
      { ...config.settings, logger },
    );
    return 0;
  },
});
