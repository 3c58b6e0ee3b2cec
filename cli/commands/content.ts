import { readConfig } from '#gateway/config.ts';
import { closeOnSignal, createLogger, listen } from '#gateway/main.ts';
import { defineConfig } from '#gateway/settings.ts';
import { createContent } from '#subgraphs/content/app.ts';
import { dialectOf } from '#subgraphs/kit/index.ts';
import { claimsKeys } from '../claims-keys.ts';
import { defineCommand } from '../command.ts';
import { dataFolderOf } from '../data-folder.ts';
import { urlOf } from '../greet.ts';
import { withSecrets } from '../secrets.ts';
import { openStore } from '../store.ts';

const DEFAULT_PORT = '4002';

export const command = defineCommand({
  name: 'content',
  summary: 'Runs the example subgraph alone',
  flags: {
    port: { type: 'string', value: 'N', description: `the port (PORT, ${DEFAULT_PORT})` },
    host: {
      type: 'string',
      value: 'HOST',
      description: 'the address to listen on (HOST, 127.0.0.1)',
    },
  },
  async run(flags, io) {
    const config = readConfig({
      flags: { ...flags, port: flags.port ?? (io.env.PORT || DEFAULT_PORT) },
      env: io.env,
      castellan: defineConfig({ plugins: [] }),
    });
    const env = await withSecrets(
      io.env,
      dataFolderOf(io),
      io.env.CASTELLAN_JWKS_URL ? [] : ['CASTELLAN_SIGNING_KEY'],
    );
    const logger = createLogger(config.logLevel);
    const store = await openStore(io);
    const content = await createContent({
      database: store.database,
      dialect: dialectOf(env.DATABASE_URL),
      claims: { keys: claimsKeys(env), issuer: config.issuer },
      logger,
    });
    content.app.server.once('listening', () => {
      io.stdout.write(`Content  ${urlOf(content.app, config)}\nData  ${store.place}\n`);
    });
    await listen(content.app, config);
    await closeOnSignal(
      async () => {
        await content.close();
        await store.close();
      },
      { ...config.settings, logger },
    );
    return 0;
  },
});
