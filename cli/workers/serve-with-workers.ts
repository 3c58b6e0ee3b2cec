import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { CodedError } from '#contract/errors.ts';
import type { GatewayConfig } from '#gateway/config.ts';
import { closeOnSignal } from '#gateway/main.ts';
import { followSource } from '#gateway/supergraph/follow-source.ts';
import type { SupergraphSource } from '#gateway/supergraph/supergraph-source.ts';
import type { CommandIo } from '../command.ts';
import { greetingOf, urlAt, warningOf } from '../greet.ts';
import type { GatewayFlags } from '../prepare-gateway.ts';
import { WorkerPool } from './worker-pool.ts';

const workerMain = fileURLToPath(new URL('main.ts', import.meta.url));

/**
 * Serves a gateway in `count` processes behind one port, until a signal ends them. This process, their primary,
 * serves nothing: it starts them, reads the supergraph for them, replaces those that die and stops them.
 * @throws CodedError whatever a worker finds wrong at the start; WORKERS_FAILED when they die again and again
 */
export async function serveWithWorkers({
  count,
  flags,
  config,
  source,
  logger,
  io,
}: {
  readonly count: number;
  readonly flags: GatewayFlags;
  readonly config: GatewayConfig;
  readonly source: SupergraphSource;
  readonly logger: Logger;
  readonly io: CommandIo;
}): Promise<number> {
  const { settings, host, port } = config;
  if (!cluster.isPrimary) {
    throw new CodedError(
      'CONFIGURATION_INVALID',
      '--workers cannot be used where something else runs this process as a worker of its own',
    );
  }
  // Decision 15: one accept queue for all, so that nobody's end takes waiting connections along.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({ exec: workerMain, args: [], serialization: 'advanced' });

  const sdl = (await source.read()) ?? '';
  const { place } = source;
  const { drainSeconds, workers: restarts } = settings;
  const { hangSeconds } = restarts;
  const pool = new WorkerPool({
    count,
    flags,
    port,
    sdl,
    place,
    restarts,
    drainSeconds,
    hangSeconds,
    logger,
  });
  const url = urlAt(host, await pool.start());

  const stopFollowing = settings.supergraph.watch
    ? followSource(source, {
        pollSeconds: settings.supergraph.pollSeconds,
        onChange: (changed) => pool.replaceSupergraph(changed),
        onFailure: ({ message }) =>
          logger.error(`${message}; the supergraph that is served goes on`),
      })
    : async () => {};
  let isInTime = true;
  const stop = async (): Promise<void> => {
    [isInTime] = await Promise.all([pool.stop(), stopFollowing()]);
  };
  // A second signal, or the end of the time to drain, ends this process; it leaves nobody behind then.
  process.once('exit', () => {
    if (pool.isStopping) pool.killAll();
  });
  const stopped = closeOnSignal(stop, { drainSeconds, logger });
  io.stderr.write(warningOf(config));
  io.stdout.write(`${greetingOf(url, config).join('\n')}\n`);
  try {
    await Promise.race([stopped, pool.failed]);
  } catch (error) {
    await stop();
    throw error;
  }
  return isInTime ? 0 : 1;
}
