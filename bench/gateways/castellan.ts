import { startCastellan } from '../processes.ts';
import { type Gateway, running } from './gateway.ts';

/** The engine alone: every request has all rights, no claims are minted. */
export const castellan: Gateway = {
  name: 'castellan',
  dedupe: [false],
  async start({ supergraphFile }) {
    const process = await startCastellan(
      ['gateway', '--open', '--supergraph', supergraphFile, '--port', '0'],
      'GraphQL',
    );
    return running(process, process.facts.get('GraphQL') ?? '');
  },
};
