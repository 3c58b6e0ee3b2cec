import { readConfig } from '#gateway/config.ts';
import { createLogger } from '#gateway/main.ts';
import { defineConfig } from '#gateway/settings.ts';
import { createIdentity, type RunningIdentity } from '#subgraphs/identity/app.ts';
import { dialectOf } from '#subgraphs/kit/index.ts';
import { jwkSet } from './claims-keys.ts';
import type { CommandIo } from './command.ts';
import { dataFolderOf } from './data-folder.ts';
import { findFile } from './find-file.ts';
import { loadIdentitySettings } from './load-identity-settings.ts';
import { withSecrets } from './secrets.ts';
import { openStore } from './store.ts';

/** An identity that listens nowhere, and where its store lies. */
export interface OpenIdentity {
  readonly identity: RunningIdentity;
  /** For people: a file, or a URL without its password. */
  readonly place: string;
}

/**
 * Runs `work` on the identity of this deployment, as a service would be started here: the same store, secrets and
 * settings. A service may run meanwhile. Everything is closed when it settles.
 * @throws CodedError as `withSecrets`, `openStore` and `createIdentity` do
 */
export async function withIdentity<T>(
  io: CommandIo,
  work: (open: OpenIdentity) => Promise<T>,
): Promise<T> {
  const castellan = defineConfig({ plugins: [] });
  const config = readConfig({ flags: {}, env: io.env, castellan });
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
      logger: createLogger(config.logLevel),
    });
    try {
      return await work({ identity, place: store.place });
    } finally {
      await identity.close();
    }
  } finally {
    await store.close();
  }
}
