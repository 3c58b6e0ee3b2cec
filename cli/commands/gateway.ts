import { createLogger } from '#gateway/main.ts';
import { openSource } from '#gateway/supergraph/open-source.ts';
import { defineCommand } from '../command.ts';
import { findFile } from '../find-file.ts';
import { prepareGateway } from '../prepare-gateway.ts';
import { readWorkerCount } from '../workers/worker-count.ts';

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
    workers: {
      type: 'string',
      value: 'N',
      description: 'processes that serve the port together; auto: one for each core',
      default: '1',
    },
    open: {
      type: 'boolean',
      description: 'gives every request all rights, for development; loopback only',
    },
  },
  async run({ workers, ...flags }, io) {
    const count = readWorkerCount(workers);
    const config = await prepareGateway(flags, io);
    const logger = createLogger(config.logLevel);
    const source = openSource(config.supergraph, config.settings.supergraph, (name) =>
      findFile(name, io),
    );
    // The process that starts workers serves nothing itself, so it loads nothing of what serves.
    if (count > 1) {
      const { serveWithWorkers } = await import('../workers/serve-with-workers.ts');
      return serveWithWorkers({ count, flags, config, source, logger, io });
    }
    const { serveGateway } = await import('../serve-gateway.ts');
    return serveGateway({ config, source, logger, io });
  },
});
