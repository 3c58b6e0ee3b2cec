import { startCastellan } from '../processes.ts';
import { configFolder } from './config-folder.ts';
import { type Gateway, type RunningGateway, running, type Setup } from './gateway.ts';

/** The engine alone: every request has all rights, no claims are minted. */
export const castellan: Gateway = {
  name: 'castellan',
  dedupe: [false, true],
  start: (setup) => startOpen(setup),
};

/** `castellan gateway --open`, with flags for Node (such as NODE_OPTIONS takes) when it is to be profiled. */
export async function startOpen(
  setup: Pick<Setup, 'supergraphFile' | 'folder' | 'dedupe'>,
  nodeFlags: readonly string[] = [],
): Promise<RunningGateway> {
  const process = await startCastellan(
    ['gateway', '--open', '--supergraph', setup.supergraphFile, '--port', '0'],
    'GraphQL',
    { nodeFlags, cwd: await configFolder(setup) },
  );
  return running(process, process.facts.get('GraphQL') ?? '');
}
