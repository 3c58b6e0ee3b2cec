import type { Command, FlagTable } from '../command.ts';

/** A command before it is needed: nothing of it is loaded until it runs, so that others start fast. */
interface CommandEntry {
  readonly summary: string;
  load(): Promise<{ readonly command: Command<FlagTable> }>;
}

/** All the commands, in the order in which `--help` lists them. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  compose: {
    summary: 'Composes supergraph.yaml into supergraph.graphql, offline',
    load: () => import('./compose.ts'),
  },
  docs: {
    summary: 'Writes the generated pages of docs/',
    load: () => import('./docs.ts'),
  },
};
