import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import castellan from '../../castellan.config.ts';
import { createGateway } from '../../gateway/app.ts';
import { readConfig } from '../../gateway/config.ts';
import { loadSupergraph } from '../../gateway/supergraph/supergraph.ts';

export interface GatewaysJob {
  readonly count: number;
  readonly supergraphFile: string;
  readonly env: Readonly<Record<string, string>>;
}

// Many gateways in one process, each with its own feed, lease and cache. Answers their URLs.
process.once('disconnect', () => process.exit());
process.once('message', async (message) => {
  const { count, supergraphFile, env } = message as GatewaysJob; // What auth.ts sends.
  const urls: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const config = readConfig({ flags: { port: '0' }, env, castellan });
    const sdl = readFileSync(supergraphFile, 'utf8');
    const supergraph = await loadSupergraph(sdl, undefined, config.settings);
    const app = await createGateway({ config, supergraph, logger: pino({ level: 'silent' }) });
    urls.push(await app.listen({ host: '127.0.0.1', port: 0 }));
  }
  process.send?.({ urls });
});
