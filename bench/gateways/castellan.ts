import { startCastellan } from '../processes.ts';
import { type Gateway, type RunningGateway, running, type Setup } from './gateway.ts';

/** The engine alone: every request has all rights, no claims are minted. */
export const castellan: Gateway = {
  name: 'castellan',
  dedupe: [false],
  start: (setup) => startOpen(setup),
};

/** `castellan gateway --open`, with flags for Node itself when it is to be profiled. */
export async function startOpen(
  { supergraphFile }: Pick<Setup, 'supergraphFile'>,
  nodeFlags: readonly string[] = [],
): Promise<RunningGateway> {
  const process = await startCastellan(
    ['gateway', '--open', '--supergraph', supergraphFile, '--port', '0'],
    'GraphQL',
    { nodeFlags },
  );
  return running(process, process.facts.get('GraphQL') ?? '');
}
