import { createGateway } from '#gateway/app.ts';
import { loadCastellanConfig, readConfig } from '#gateway/config.ts';
import { closeOnSignal, createLogger, listen } from '#gateway/main.ts';
import { readPlannerName } from '#gateway/plan/planning-options.ts';
import { readSupergraphFile } from '#gateway/supergraph/supergraph.ts';
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
      description: 'the composed supergraph',
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
    const castellan = await loadCastellanConfig(findFile('castellan.config.ts', io));
    const secrets =
      flags.open === true ? [] : (['CASTELLAN_SIGNING_KEY', 'IDENTITY_SECRET'] as const);
    // Checked before any secret is made.
    readConfig({ flags, env: io.env, castellan });
    const env = await withSecrets(io.env, dataFolderOf(io), secrets);
    const config = readConfig({ flags, env, castellan });
    const logger = createLogger(config.logLevel);
    const supergraph = await readSupergraphFile(
      findFile(config.supergraphFile, io),
      flags.planner === undefined
        ? config.settings
        : { ...config.settings, planner: readPlannerName(flags.planner) },
    );

    if (config.open) {
      io.stderr.write(
        'WARNING  --open: every request has all rights; nobody is asked who they are\n',
      );
    }
    const app = await createGateway({ config, supergraph, logger });
    app.server.once('listening', () => {
      io.stdout.write(`${greetingOf(app, config).join('\n')}\n`);
    });
    await listen(app, config);
    await closeOnSignal(
      async () => {
        await app.close();
        await supergraph.close();
      },
      { ...config.settings, logger },
    );
    return 0;
  },
});
