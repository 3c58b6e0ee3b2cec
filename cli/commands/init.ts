import { readConfig } from '#gateway/config.ts';
import { createLogger } from '#gateway/main.ts';
import { defineConfig } from '#gateway/settings.ts';
import { createIdentity } from '#subgraphs/identity/app.ts';
import { dialectOf } from '#subgraphs/kit/index.ts';
import { jwkSet } from '../claims-keys.ts';
import { defineCommand } from '../command.ts';
import { dataFolderOf } from '../data-folder.ts';
import { findFile } from '../find-file.ts';
import { loadIdentitySettings } from '../load-identity-settings.ts';
import { withSecrets } from '../secrets.ts';
import { openStore } from '../store.ts';

export const command = defineCommand({
  name: 'init',
  summary: 'Makes the owner of the deployment, with a password and a key that are shown once',
  flags: {
    email: { type: 'string', value: 'E-MAIL', description: "the owner's address" },
  },
  async run({ email }, io) {
    if (email === undefined || !/^[^\s@]+@[^\s@]+$/.test(email)) {
      io.stderr.write('castellan: init: --email needs an e-mail address\n');
      return 2;
    }
    const config = readConfig({
      flags: {},
      env: io.env,
      castellan: defineConfig({ plugins: [] }),
    });
    const env = await withSecrets(io.env, dataFolderOf(io), [
      'CASTELLAN_SIGNING_KEY',
      'CASTELLAN_PEPPER',
    ]);
    const settings = await loadIdentitySettings(findFile('castellan.config.ts', io));
    const store = await openStore(io);
    try {
      const identity = await createIdentity({
        database: store.database,
        dialect: dialectOf(env.DATABASE_URL),
        settings,
        pepper: env.CASTELLAN_PEPPER ?? '',
        claims: { keys: jwkSet(env.CASTELLAN_SIGNING_KEY ?? ''), issuer: config.issuer },
        baseUrl: `http://${config.host}:${config.port}`,
        production: config.production,
        environment: env,
        logger: createLogger(config.logLevel),
      });
      const owner = await identity.makeOwner(email);
      if (owner === null) {
        await identity.close();
        io.stderr.write(`${store.place} has an owner already; init makes only the first one\n`);
        return 1;
      }
      io.stdout.write(`Owner  ${owner.email}  ${owner.password}\nAPI key  ${owner.apiKey}\n`);
      await owner.confirm();
      await identity.close();
      return 0;
    } finally {
      await store.close();
    }
  },
});
