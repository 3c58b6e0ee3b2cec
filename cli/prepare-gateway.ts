import { type GatewayConfig, loadCastellanConfig, readConfig } from '#gateway/config.ts';
import { readPlannerName } from '#gateway/plan/planning-options.ts';
import type { CommandIo } from './command.ts';
import { dataFolderOf } from './data-folder.ts';
import { findFile } from './find-file.ts';
import { type Environment, type SecretName, withSecrets } from './secrets.ts';

/** What the flags of `castellan gateway` say of one gateway process. */
export interface GatewayFlags {
  readonly supergraph?: string | undefined;
  readonly port?: string | undefined;
  readonly host?: string | undefined;
  readonly planner?: string | undefined;
  readonly open?: boolean | undefined;
}

/**
 * Flags, environment and castellan.config.ts as one configuration. Secrets that are not set are made in the data
 * folder the first time.
 * @throws CodedError CONFIGURATION_INVALID, DATA_FOLDER_UNUSABLE
 */
export async function prepareGateway(
  flags: GatewayFlags,
  io: Pick<CommandIo, 'env' | 'cwd'>,
): Promise<GatewayConfig> {
  const { plugins, settings } = await loadCastellanConfig(findFile('castellan.config.ts', io));
  const planner = flags.planner === undefined ? settings.planner : readPlannerName(flags.planner);
  const castellan = { plugins, settings: { ...settings, planner } };
  const secrets = secretsOf(flags, io.env);
  // Checked before any secret is made.
  readConfig({ flags, env: io.env, castellan });
  const env = await withSecrets(io.env, dataFolderOf(io), secrets);
  return readConfig({ flags, env, castellan });
}

/** With --open nothing is signed and nobody asked; without IDENTITY_URL nothing is shared with an identity. */
function secretsOf(flags: GatewayFlags, env: Environment): readonly SecretName[] {
  if (flags.open === true) return [];
  return env.IDENTITY_URL
    ? ['CASTELLAN_SIGNING_KEY', 'IDENTITY_SECRET']
    : ['CASTELLAN_SIGNING_KEY'];
}
