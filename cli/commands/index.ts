import type { Command, FlagTable } from '../command.ts';

/** A command before it is needed: nothing of it is loaded until it runs, so that others start fast. */
interface CommandEntry {
  readonly summary: string;
  load(): Promise<{ readonly command: Command<FlagTable> }>;
}

/** All the commands, in the order in which `--help` lists them. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  start: {
    summary: 'Runs everything in one process: gateway, identity and content',
    load: () => import('./start.ts'),
  },
  gateway: {
    summary: 'Runs a gateway alone, in front of any composed supergraph',
    load: () => import('./gateway.ts'),
  },
  identity: {
    summary: 'Runs the identity service alone; gateways reach it with IDENTITY_URL',
    load: () => import('./identity.ts'),
  },
  content: {
    summary: 'Runs the example subgraph alone',
    load: () => import('./content.ts'),
  },
  init: {
    summary: 'Makes the first person: the owner, with a password and a key that are shown once',
    load: () => import('./init.ts'),
  },
  compose: {
    summary: 'Composes supergraph.yaml into supergraph.graphql, offline',
    load: () => import('./compose.ts'),
  },
  docs: {
    summary: 'Writes the generated pages of docs/',
    load: () => import('./docs.ts'),
  },
};
