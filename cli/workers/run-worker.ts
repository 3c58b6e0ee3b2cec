import cluster from 'node:cluster';
import inspector from 'node:inspector';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { CodedError } from '#contract/errors.ts';
import { createGateway } from '#gateway/app.ts';
import type { GatewayConfig } from '#gateway/config.ts';
import { closeInTime, createLogger, listen } from '#gateway/main.ts';
import { loadSupergraph } from '#gateway/supergraph/supergraph.ts';
import type { CommandIo } from '../command.ts';
import { explainError } from '../explain-error.ts';
import { prepareGateway } from '../prepare-gateway.ts';
import { say } from './channel.ts';
import { ConnectedGroup } from './connected-group.ts';
import type { ToWorker, WorkerStart } from './messages.ts';

/** A worker from its start to its end: one gateway, which does what the primary says. */
export async function runWorker(io: Pick<CommandIo, 'env' | 'cwd'>): Promise<void> {
  // A terminal sends Ctrl-C to all of its processes. What to do then is for the primary to say.
  process.on('SIGINT', () => {});
  const started = Promise.withResolvers<WorkerStart>();
  const mayListen = Promise.withResolvers<number>();
  const stopping = Promise.withResolvers<string>();
  const gateway = Promise.withResolvers<FastifyInstance>();
  gateway.promise.catch(() => {});
  const group = new ConnectedGroup();
  process.on('message', (message: ToWorker) => {
    switch (message.type) {
      case 'start':
        return started.resolve(message.start);
      case 'listen':
        return mayListen.resolve(message.port);
      case 'ping':
        return say({ type: 'pong', isDebugged: inspector.url() !== undefined });
      case 'stop':
        return stopping.resolve('the primary says stop');
      case 'supergraph':
        return void gateway.promise.then((app) => replaceSupergraph(app, message));
      default:
        return group.hear(message);
    }
  });

  try {
    const start = await started.promise;
    group.inherit(start.inherited);
    const config = await prepareGateway(start.flags, io);
    const logger = createLogger(config.logLevel).child({ worker: start.number });
    const app = await openGateway(start, { config, logger, group });
    gateway.resolve(app);
    say({ type: 'ready' });
    await listen(app, { host: config.host, port: await mayListen.promise });
    finishWhatIsUnderWay(stopping.resolve);
    say({ type: 'serving', port: (app.server.address() as AddressInfo).port });

    logger.info(`${await stopping.promise}: finishing the requests in flight`);
    await closeInTime(() => app.close(), { ...config.settings, logger });
    process.disconnect?.();
  } catch (error) {
    const code = error instanceof CodedError ? error.code : null;
    say({ type: 'failed', code, message: explainError(error, io.env) }, () => process.exit(1));
  }
}

async function openGateway(
  { place, supergraph: { sdl } }: WorkerStart,
  parts: {
    readonly config: GatewayConfig;
    readonly logger: Logger;
    readonly group: ConnectedGroup;
  },
): Promise<FastifyInstance> {
  const { settings } = parts.config;
  const app = await createGateway({
    // It is the primary that reads the source; here it only has a name.
    config: {
      ...parts.config,
      settings: { ...settings, supergraph: { ...settings.supergraph, watch: false } },
    },
    source: { place, read: async () => null },
    supergraph: await loadSupergraph(sdl, place, settings),
    logger: parts.logger,
    workers: parts.group,
  });
  await app.ready();
  return app;
}

async function replaceSupergraph(
  { castellan }: FastifyInstance,
  { id, sdl }: Extract<ToWorker, { readonly type: 'supergraph' }>,
): Promise<void> {
  const { kind } = await castellan.supergraph.replace(sdl);
  say({ type: 'replaced', id, isServed: kind === 'swapped' });
}

/** From now on neither a signal nor the end of the primary cuts off an answer. */
function finishWhatIsUnderWay(stop: (why: string) => void): void {
  process.once('SIGTERM', () => stop('SIGTERM'));
  // Otherwise Node ends a worker whose primary has gone, at once.
  if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true;
  process.once('disconnect', () => stop('the primary has gone'));
}
