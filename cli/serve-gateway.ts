import type { Logger } from 'pino';
import { createGateway } from '#gateway/app.ts';
import type { GatewayConfig } from '#gateway/config.ts';
import { closeOnSignal, listen } from '#gateway/main.ts';
import { readSupergraph } from '#gateway/supergraph/supergraph.ts';
import type { SupergraphSource } from '#gateway/supergraph/supergraph-source.ts';
import type { CommandIo } from './command.ts';
import { greetingOf, urlOf, warningOf } from './greet.ts';

/** Serves a gateway in this process until a signal ends it. */
export async function serveGateway({
  config,
  source,
  logger,
  io,
}: {
  readonly config: GatewayConfig;
  readonly source: SupergraphSource;
  readonly logger: Logger;
  readonly io: CommandIo;
}): Promise<number> {
  const supergraph = await readSupergraph(source, config.settings);
  io.stderr.write(warningOf(config));
  const app = await createGateway({ config, supergraph, source, logger });
  app.server.once('listening', () => {
    io.stdout.write(`${greetingOf(urlOf(app, config), config).join('\n')}\n`);
  });
  await listen(app, config);
  await closeOnSignal(() => app.close(), { ...config.settings, logger });
  return 0;
}
