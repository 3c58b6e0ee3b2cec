import { createGateway } from '#gateway/app.ts';
import { loadCastellanConfig, readConfig } from '#gateway/config.ts';
import { closeOnSignal, createLogger, listen } from '#gateway/main.ts';
import { readPlannerName } from '#gateway/plan/planning-options.ts';
import { openSource } from '#gateway/supergraph/open-source.ts';
import { readSupergraph } from '#gateway/supergraph/supergraph.ts';
import { defineCommand } from '../command.ts';
import { dataFolderOf } from '../data-folder.ts';
import { findFile } from '../find-file.ts';
import { greetingOf } from '../greet.ts';
import { withSecrets } from '../secrets.ts';

export const command = defineCommand({
  name: 'gateway',
  summary: 'Runs a gateway alone, in front of any composed supergraph',
  flags: {
    supergraph: {
      type: 'string',
      value: 'FILE',
      description: 'the composed supergraph; a file, or an http or https URL',
      default: 'supergraph.graphql',
    },
    port: { type: 'string', value: 'N', description: 'the port (PORT, 4000)' },
    host: {
      type: 'string',
      value: 'HOST',
      description: 'the address to listen on (HOST, 127.0.0.1)',
    },
    planner: {
      type: 'string',
      value: 'NAME',
      description: 'who plans: auto, hive or apollo (the setting planner)',
    },
    open: {
      type: 'boolean',
      description: 'gives every request all rights, for development; loopback only',
    },
  },
  async run(flags, io) {
    const { plugins, settings } = await loadCastellanConfig(findFile('castellan.config.ts', io));
    const planner = flags.planner === undefined ? settings.planner : readPlannerName(flags.planner);
    const castellan = { plugins, settings: { ...settings, planner } };
    const secrets =
      flags.open === true ? [] : (['CASTELLAN_SIGNING_KEY', 'IDENTITY_SECRET'] as const);
    // Checked before any secret is made.
    readConfig({ flags, env: io.env, castellan });
    const env = await withSecrets(io.env, dataFolderOf(io), secrets);
    const config = readConfig({ flags, env, castellan });
    const logger = createLogger(config.logLevel);
    const source = openSource(config.supergraph, config.settings.supergraph, (name) =>
      findFile(name, io),
    );
    const supergraph = await readSupergraph(source, config.settings);

    if (config.open) {
      io.stderr.write(
        'WARNING  --open: every request has all rights; nobody is asked who they are\n',
      );
    }
    const app = await createGateway({ config, supergraph, source, logger });
    app.server.once('listening', () => {
      io.stdout.write(`${greetingOf(app, config).join('\n')}\n`);
    });
    await listen(app, config);
    await closeOnSignal(() => app.close(), { ...config.settings, logger });
    return 0;
  },
});
