import type { FastifyBaseLogger } from 'fastify';
import { type SealOptions, sealLog } from './seal-log.ts';

export interface LogSealer {
  /** Seals what there is before it settles. */
  close(): Promise<void>;
}

export interface LogSealerOptions extends SealOptions {
  /** How long a row of the log may wait for its hash and a signed checkpoint. */
  readonly everySeconds: number;
  readonly logger: FastifyBaseLogger;
}

/**
 * Seals the log as it grows. Each checkpoint is written to the process's log as well: kept there, it shows also
 * that rows at the end, with their checkpoints, are gone.
 */
export function createLogSealer({ everySeconds, logger, ...options }: LogSealerOptions): LogSealer {
  let running: Promise<void> = Promise.resolve();
  let isFailing = false;

  async function seal(): Promise<void> {
    try {
      const checkpoint = await sealLog(options);
      if (checkpoint !== null) logger.info({ checkpoint }, 'audit checkpoint');
      isFailing = false;
    } catch (error) {
      // The rows are safe, and are sealed as soon as the store can be written again.
      const reason = error instanceof Error ? error.message : 'unknown';
      if (!isFailing) logger.error({ reason }, 'the audit log could not be sealed');
      isFailing = true;
    }
  }

  const timer = setInterval(() => {
    running = running.then(seal);
  }, everySeconds * 1_000).unref();
  return {
    async close() {
      clearInterval(timer);
      running = running.then(seal);
      await running;
    },
  };
}
