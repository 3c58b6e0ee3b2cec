import { type DestinationStream, type Logger, pino } from 'pino';
import { CodedError } from '#contract/errors.ts';
import type { GatewayConfig } from './config.ts';

/** The log of a process: JSON lines on stderr, so that stdout is the greeting's. Queries and headers stay out. */
export function createLogger(
  level: GatewayConfig['logLevel'],
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger {
  return pino(
    {
      level,
      redact: ['req.headers', 'headers.authorization', 'headers.cookie'],
      serializers: {
        // A GET carries its variables in the query string.
        req: (request: { id: string; method: string; url: string }) => ({
          id: request.id,
          method: request.method,
          path: request.url.split('?', 1)[0],
        }),
      },
    },
    destination,
  );
}

/**
 * Listens and returns the address as a URL.
 * @throws CodedError PORT_IN_USE, CONFIGURATION_INVALID for a host that cannot be listened on
 */
export async function listen(
  app: { listen(address: { host: string; port: number }): Promise<string> },
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new CodedError(
        'PORT_IN_USE',
        `Port ${port} on ${host} is already in use; choose another one with PORT or --port`,
        { cause: error },
      );
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EACCES') {
      throw new CodedError('CONFIGURATION_INVALID', `Cannot listen on ${host}:${port} (${code})`, {
        cause: error,
      });
    }
    throw error;
  }
}

/**
 * Waits for SIGINT or SIGTERM, then closes what was opened: requests in flight are answered first, within
 * `drainSeconds`. A second signal ends the process at once.
 */
export async function closeOnSignal(
  close: () => Promise<void>,
  { drainSeconds, logger }: { readonly drainSeconds: number; readonly logger: Logger },
): Promise<void> {
  const signal = await new Promise<string>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  logger.info(`${signal}: finishing the requests in flight`);
  const leaveNow = (): never => process.exit(1);
  process.once('SIGINT', leaveNow);
  process.once('SIGTERM', leaveNow);
  await closeInTime(close, { drainSeconds, logger });
}

/** Closes what was opened; ends the process when that takes longer than `drainSeconds`. */
export async function closeInTime(
  close: () => Promise<void>,
  { drainSeconds, logger }: { readonly drainSeconds: number; readonly logger: Logger },
): Promise<void> {
  const late = setTimeout(() => {
    logger.error(`not everything was finished within ${drainSeconds} s`);
    process.exit(1);
  }, drainSeconds * 1000);
  late.unref();
  await close();
  clearTimeout(late);
}
