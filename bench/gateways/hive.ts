import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { peer } from '../peer.ts';
import type { Gateway, Setup } from './gateway.ts';

interface HivePackage {
  createGatewayRuntime(options: object): RequestListener;
}
interface RouterRuntimePackage {
  readonly unifiedGraphHandler: unknown;
}

/** Hive Gateway with its planner in JavaScript, as it comes but for de-duplication. */
export const hiveJs: Gateway = {
  name: 'hive-js',
  dedupe: [false, true],
  serve: (setup) => serveHive(setup, {}),
};

/** Hive Gateway with the planner of its router, written in Rust. */
export const hiveRust: Gateway = {
  name: 'hive-rust',
  dedupe: [false, true],
  async serve(setup) {
    const { unifiedGraphHandler } = await peer<RouterRuntimePackage>(
      '@graphql-hive/router-runtime',
    );
    return serveHive(setup, { unifiedGraphHandler });
  },
};

/** What its command line does on Node: the runtime behind node:http, in one process. */
async function serveHive({ supergraphFile, dedupe }: Setup, options: object): Promise<string> {
  const { createGatewayRuntime } = await peer<HivePackage>('@graphql-hive/gateway');
  const runtime = createGatewayRuntime({
    supergraph: await readFile(supergraphFile, 'utf8'),
    logging: false,
    transportEntries: { '*.http': { options: { deduplicateInflightRequests: dedupe } } },
    ...options,
  });
  const server = createServer(runtime);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}
